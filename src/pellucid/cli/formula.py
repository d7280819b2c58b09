r"""Formulas in the terminal: the LaTeX of a declaration as plain text.

Only a subset of LaTeX is supported: fractions, roots, sums, hats, powers and indices, cases, words and Greek
letters. Other commands are replaced by their names.
"""

import re
import unicodedata

__all__ = ["plain_formula"]

_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ",
    "lambda": "λ", "mu": "μ", "pi": "π", "sigma": "σ", "phi": "φ", "varphi": "φ", "Phi": "Φ", "omega": "ω",
    "sum": "Σ", "partial": "∂", "infty": "∞", "cdot": "·", "times": "×", "odot": "·", "le": "≤", "leq": "≤",
    "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "in": "∈", "pm": "±", "quad": " ", "left": "", "right": "",
    "middle": "",
}  # fmt: skip
_POWERS = {"2": "²", "3": "³"}


def plain_formula(latex: str) -> str:
    r"""Return a LaTeX formula as one line of plain text.

    Examples
    --------
    >>> plain_formula(r"\frac{1}{2N} \sum_{k=1}^{N} \sum_i (y_i - \hat y_i)^2")
    '1/(2N) Σ(k=1..N) Σ_i (y_i - ŷ_i)²'
    >>> plain_formula(r"\sigma(z) = \frac{1}{1 + e^{-z}}")
    'σ(z) = 1/(1 + e^(-z))'
    """
    text = _Reader(latex).read()
    text = re.sub(r"Σ_\((\w+)=(\w+)\)\^(\w+)", r"Σ(\1=\2..\3)", text)
    text = re.sub(r"\s+(?=[;,}\s])|(?<={)\s+", "", text)
    return re.sub(r"\s+", " ", text).strip()


class _Reader:
    """A parser that reads the tokens of a formula from left to right."""

    def __init__(self, latex: str) -> None:
        self.tokens = _TOKENS.findall(latex)
        self.next = 0

    def read(self, until: str | None = None) -> str:
        """Read to a token, or to the end."""
        text = ""
        while self.next < len(self.tokens):
            token = self._take()
            if token == until:
                break
            text += self._plain(token)
        return text

    def _take(self) -> str:
        token: str = self.tokens[self.next] if self.next < len(self.tokens) else ""
        self.next += 1
        return token

    def _argument(self) -> str:
        """Read the argument of a command: a group, or the next token that is not a space."""
        while self.next < len(self.tokens):
            token = self._take()
            if not token.isspace():
                return self._plain(token).strip()
        return ""

    def _plain(self, token: str) -> str:
        if token == "{":
            return self.read("}")
        if token == "^":
            power = self._argument()
            return _POWERS.get(power) or "^" + _grouped(power)
        if token == "_":
            return "_" + _grouped(self._argument())
        if token == "&":  # in cases, before the condition
            return " if "
        return self._command(token[1:]) if token.startswith("\\") else token

    def _command(self, name: str) -> str:
        if name == "frac":
            above, below = self._argument(), self._argument()
            if not re.fullmatch(r"∂?\w(_\w)?", below):  # not only a letter with an index
                below = _grouped(below)
            return f"({above})/{below}" if " " in above else f"{above}/{below}"
        if name == "sqrt":
            return "√" + _grouped(self._argument())
        if name == "hat":
            return unicodedata.normalize("NFC", self._argument() + "\N{COMBINING CIRCUMFLEX ACCENT}")
        if name == "partial":
            return "∂" + self._argument()
        if name in ("text", "operatorname", "mathrm"):
            return self.read("}") if self._take() == "{" else ""
        if name in ("begin", "end"):  # of cases
            self._argument()
            return "{" if name == "begin" else "}"
        if name == "\\":  # a new line, in cases
            return "; "
        return _SIGNS.get(name, name if name.isalpha() else "")


def _grouped(text: str) -> str:
    """Add parentheses to anything but a letter or a number."""
    return text if len(text) == 1 or text.isdigit() else f"({text})"
