"""Opens the Mac's GPU before MLX is imported. Engine process only.

MLX lists devices with MTLCopyAllDevices(), which can be empty on a Mac whose GPU works;
after MTLCreateSystemDefaultDevice() the list is complete (seen on macOS 26.6:
https://github.com/iree-org/iree/issues/24834). Without a GPU, importing MLX may end the
process (https://github.com/ml-explore/mlx/issues/3397), so it is reported here.
"""

import ctypes
import platform
from collections.abc import Callable
from typing import Any, Final

from mica.errors import EngineError

LIBRARY: Final = "/System/Library/Frameworks/Metal.framework/Metal"


def open_gpu(load: Callable[[str], Any] = ctypes.CDLL) -> None:
    """Create the system's default Metal device and keep it for MLX.

    Does nothing except on a Mac. Raises EngineError if there is no GPU, as in some
    virtual machines.
    """
    if platform.system() != "Darwin":
        return
    create = load(LIBRARY).MTLCreateSystemDefaultDevice
    create.restype = ctypes.c_void_p
    if not create():
        raise EngineError(
            "This Mac offers no Metal GPU.",
            "Run Mica on the Mac itself, not in a virtual machine.",
        )
