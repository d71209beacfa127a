"""Constants that all parts share: rates, hops and block sizes.

Only constants; nothing here computes. Source: the model's own configuration
(granite-speech preprocessor_config.json and encoder_config.context_size).
"""

from typing import Final

SAMPLE_RATE_HZ: Final = 16_000
WINDOW_SAMPLES: Final = 400  # 25 ms analyzed together
HOP_SAMPLES: Final = 160  # 10 ms from one window to the next
FRAME_SAMPLES: Final = 2 * HOP_SAMPLES  # one frame = two stacked mel rows = 20 ms
FRAME_S: Final = FRAME_SAMPLES / SAMPLE_RATE_HZ
BLOCK_FRAMES: Final = 200  # the encoder's attention block, 4 s
WINDOW_FRAMES: Final = 15  # a projector window, 3 audio tokens
