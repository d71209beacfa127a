"""`mica` without a display: the same pipeline, in the terminal.

The microphone where there is one; without, the demonstration recording at the pace of
speech, so that a machine with neither screen nor microphone shows what Mica does.
"""

from mica import paths
from mica.audio.devices import list_devices
from mica.cli.listen import Screen, hear
from mica.cli.main import say
from mica.errors import MicrophoneError


def dictate() -> None:
    try:
        found = bool(list_devices())
    except MicrophoneError:
        found = False
    if found:
        say("No display: dictating in the terminal. Speak, then press Enter.")
        hear(None, 1.0, None, None, Screen())
        return
    say("No display and no microphone: playing the demonstration recording.")
    hear(paths.resource("demo.wav"), 1.0, None, None, Screen())
