"""Opens the Mac's GPU before MLX is imported. In the engine's process only.

MLX lists devices with MTLCopyAllDevices(), which can be empty on a Mac whose GPU works;
after MTLCreateSystemDefaultDevice() the list is whole (seen on macOS 26.6:
https://github.com/iree-org/iree/issues/24834). Where there is no GPU, importing MLX may
end the process (https://github.com/ml-explore/mlx/issues/3397), so it is said here.
"""

import ctypes
import platform
from collections.abc import Callable
from typing import Any, Final

from mica.errors import EngineError

LIBRARY: Final = "/System/Library/Frameworks/Metal.framework/Metal"


def open_gpu(load: Callable[[str], Any] = ctypes.CDLL) -> None:
    """Make the system's default Metal device; it is kept, as MLX will use it.

    Does nothing elsewhere than on a Mac. Raises EngineError where there is no GPU, as
    in a virtual machine without one.
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
