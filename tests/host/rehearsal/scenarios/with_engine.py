"""A scenario with the real engine, which transcribes what the microphone gives."""

import wave
from pathlib import Path

import numpy as np

from host.rehearsal.fake_mac.programs import textedit
from host.rehearsal.fake_mac.sound_card import SoundDevice
from host.rehearsal.simulation import Simulation

CLIP = Path(__file__).parents[3] / "pebble" / "clips" / "01.wav"


def a_spoken_sentence(sim: Simulation) -> None:
    """Speech goes from the microphone through the model into TextEdit."""
    editor = textedit()
    sim.click_into(editor)
    with wave.open(str(CLIP)) as opened:
        pcm = opened.readframes(opened.getnframes())
        sim.mac.sound.connect(
            SoundDevice("USB Microphone", rate_hz=opened.getframerate())
        )
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    sim.limit_s = 1000.0  # loading the model and decoding take real time
    sim.wait_for(lambda: sim.app._client.is_loaded, "the model is loaded")
    sim.hold()
    sim.mac.sound.play(samples)
    sim.wait(len(samples) / 16_000)
    sim.release()
    sim.expect(front=editor, holds=CLIP.with_suffix(".txt").read_text("utf-8").strip())
