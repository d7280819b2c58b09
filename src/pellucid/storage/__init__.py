"""Model files."""

from pellucid.storage.model_file import load_model, save_model
from pellucid.storage.whole_file import check_free, write_whole

__all__ = ["check_free", "load_model", "save_model", "write_whole"]
