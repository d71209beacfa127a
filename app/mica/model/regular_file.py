"""Opens the files of a model folder: regular files only, and no larger than expected.

A model folder comes from elsewhere. A pipe in it would block, a device would never end,
and a file of gigabytes would fill the memory before anything else is checked.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

from mica.errors import ModelError

REMEDY: Final = "Install the model again, or choose another."
MAX_SHOWN: Final = 100  # characters of a name


def open_regular(file: Path) -> BinaryIO:
    """Open for reading, without blocking; ModelError if it isn't a regular file.

    Raises OSError if it can't be opened.
    """
    opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise ModelError(f"{file.name} isn’t a file.", REMEDY)
    return os.fdopen(opened, "rb")


def read_regular(file: Path, max_bytes: int) -> bytes:
    """The whole file; ModelError if it can't be read or has more bytes than that."""
    try:
        with open_regular(file) as opened:
            data = opened.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise ModelError(f"The model folder has no {file.name}.", REMEDY) from error
    except OSError as error:
        raise ModelError(f"The model’s {file.name} can’t be read.", REMEDY) from error
    if len(data) > max_bytes:
        what = f"The model’s {file.name} is too large (over {max_bytes >> 20} MB)."
        raise ModelError(what, REMEDY)
    return data


def shown(name: str) -> str:
    """A name from a model folder, for a message: printable, and not too long."""
    plain = "".join(one if one.isprintable() else "�" for one in name[:MAX_SHOWN])
    return plain if len(name) <= MAX_SHOWN else f"{plain}…"
