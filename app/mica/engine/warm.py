"""Work done for nobody, so that the first words find the model ready.

At start one real inference, which compiles; at a key press a touch, since weights that
were not used for a while are no longer in fast memory.
"""

import time
from typing import Final

import numpy as np

from mica.engine.decode import listen
from mica.model.granite import Granite
from mica.units import BLOCK_FRAMES, FRAME_SAMPLES

TOUCHED_FRAMES: Final = 15  # one projector window: all weights, little arithmetic


def warm_up(model: Granite) -> float:
    """A whole inference; how long 4 s take to encode, in seconds."""
    block_s = 0.0
    for _ in range(2):  # the first one compiles
        start = time.perf_counter()
        _inference(model, BLOCK_FRAMES)
        block_s = time.perf_counter() - start
    return block_s


def touch(model: Granite) -> None:
    """Every weight is read once."""
    _inference(model, TOUCHED_FRAMES)


def _inference(model: Granite, frames: int) -> None:
    sound = listen(model, np.zeros(frames * FRAME_SAMPLES, np.float32))
    assert sound is not None
    model.decoder(sound.embeddings[:1], model.new_cache()).tolist()
