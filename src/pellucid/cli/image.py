"""Images in the terminal, drawn with shaded blocks."""

import numpy as np
from rich.text import Text

from pellucid.network import Floats

__all__ = ["draw_image"]

_SHADES = " ░▒▓█"
# A character is about twice as high as wide: a pixel of a small image becomes two characters, and the rows of
# a larger image are averaged in pairs.
_LARGE = 16


def draw_image(image: Floats) -> Text:
    """Draw a grey image, where 0 is dark: a line per row of pixels, or per two rows of a large image.

    Examples
    --------
    >>> draw_image(np.array([[0.0, 1.0], [0.5, 0.0]])).plain.splitlines()
    ['  ██', '▒▒  ']
    """
    height, width = image.shape
    wide = 2
    if height > _LARGE:
        image = image[: height - height % 2].reshape(height // 2, 2, width).mean(axis=1)
        wide = 1
    top = max(float(image.max()), 1e-30)
    shades = np.clip(np.rint(image / top * (len(_SHADES) - 1)), 0, len(_SHADES) - 1).astype(int)
    return Text("\n".join("".join(_SHADES[shade] * wide for shade in row) for row in shades))
