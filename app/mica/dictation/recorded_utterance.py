"""An utterance without its final text yet, and what its recording has reported; one of
captions has also its words so far, and knows when to end.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from mica.dictation.recording import Recording, Stall
from mica.dictation.recording_events import (
    DeviceChanged,
    DiskProblem,
    Flowing,
    Level,
    Lost,
    Paused,
    Reconnecting,
    RecordingEvent,
    Silent,
)
from mica.dictation.strings import (
    DISK_STALLED,
    MICROPHONE_DENIED,
    MICROPHONE_LOST,
    MICROPHONE_SILENT,
    MICROPHONE_WITHOUT_SOUND,
    NO_SPEECH,
    SOUND_STALLED,
    VOICE_ABSENT,
    VOICE_SOFT,
)
from mica.engine.voice_level import VoiceLevel
from mica.errors import MicaError, MicrophoneError
from mica.events import Transcript
from mica.host.ports import Permissions
from mica.host.values import Grant, Permission

ROLL_S: Final = 600.0  # then end it at the next pause, to keep rows readable
PAUSE_S: Final = 1.0
LONGEST_S: Final = 3600.0  # even without a pause

_OF_VOICE: Final = {VoiceLevel.ABSENT: VOICE_ABSENT, VoiceLevel.SOFT: VOICE_SOFT}
NO_SOUND_SYSTEM: Final = MicrophoneError(SOUND_STALLED)
_OF_STALL: Final = {Stall.MICROPHONE: SOUND_STALLED, Stall.DISK: DISK_STALLED}
BEGINNING_S: Final = 0.5  # in which a microphone may give only zeros


@dataclass(frozen=True, slots=True)
class Notice:
    """A line for the user.

    is_trouble   something went wrong
    is_over      retracts this line, which no longer applies
    """

    text: str
    is_trouble: bool = True
    is_over: bool = False


@dataclass(slots=True)
class RecordedUtterance:
    """An utterance's recording and its reports. Main thread only.

    is_flowing       its microphone gives sound now; None: no sample has come yet
    has_sound        a microphone of it has given sound
    is_denied        Mica may not use the microphone, and the user was told
    is_damaged       part of the recording is not on disk
    silent_device    the last microphone that the user was told gives only zeros
    silence          that message, until there is sound
    device_changes   a line for each change of the microphone
    unreported       those of them that the user was not told yet
    replacement      the change from a silent microphone; shown once the new one has
                     sound
    committed        its final words so far, from the latest reading
    words_before     those of the reading that failed
    about_voice      what the user was told of their voice, while it is so
    is_private       nothing of it may be on disk
    stall            what the user was told that it waits for, while it does
    engine_failure   why the engine failed; the recording is then replayed once
    is_replayed      that has been done
    """

    recording: Recording
    is_flowing: bool | None = None
    has_sound: bool = False
    is_denied: bool = False
    is_damaged: bool = False
    silent_device: str | None = None
    silence: Notice | None = None
    device_changes: list[str] = field(default_factory=list)
    unreported: list[Notice] = field(default_factory=list)
    replacement: Notice | None = None
    committed: list[str] = field(default_factory=list)
    words_before: str = ""
    about_voice: str = ""
    is_private: bool = False
    stall: str = ""
    engine_failure: MicaError | None = None
    is_replayed: bool = False

    @property
    def words(self) -> str:
        """Its final words so far; a replay begins with fewer and ends with more."""
        return max(self.words_before, " ".join(self.committed), key=len)

    @property
    def shown_words(self) -> str:
        """Those that the user has seen."""
        return self.words

    @property
    def waits_for_replay(self) -> bool:
        """Whether its recording must be replayed once it has ended."""
        return self.engine_failure is not None and not self.is_replayed

    def replay(self) -> None:
        """Replay it to the engine, if that has failed and the recording has ended."""
        if self.waits_for_replay and self.recording.over.is_set():
            self.is_replayed = True
            self.words_before = self.shown_words
            self.committed.clear()
            self.recording.replay()

    def fails_for_good(self, error: MicaError) -> bool:
        """Note a failure of the engine; False if the recording will be replayed: only
        the key ends it."""
        if self.engine_failure is None:
            self.engine_failure = error
        return self.is_replayed

    def stall_notices(self) -> list[Notice]:
        """Messages about a sound system or a disk that does not respond, and that it
        does again."""
        stall = self.recording.stall()
        shown, self.stall = self.stall, _OF_STALL[stall] if stall is not None else ""
        if self.stall == shown:
            return []
        over = [Notice(shown, is_over=True)] if shown else []
        return over + ([Notice(self.stall)] if self.stall else [])

    @property
    def has_missed_microphone(self) -> bool:
        """Whether the sound system has hung so long that nothing was recorded."""
        stalled = self.recording.stall() is Stall.MICROPHONE
        return stalled and self.recording.recorded == 0

    @property
    def number(self) -> int:
        return self.recording.utterance

    def on_recording(
        self, event: RecordingEvent, permissions: Permissions, *, listens: bool
    ) -> list[Notice]:
        """Messages for the user about an event. listens: it is being recorded."""
        match event:
            case Flowing():
                self.is_flowing = self.has_sound = True
                if self.replacement is not None:
                    self.unreported.append(self.replacement)
                    self.replacement = None
                return self._no_silence() + (self.late_notices() if listens else [])
            case Level() if self.is_flowing is None:
                self.is_flowing = False
            case Reconnecting():
                self.is_flowing = False
            case DeviceChanged(line=line, was_silent=True):
                self.is_flowing = False
                self.device_changes.append(line)
                self.replacement = Notice(line)
            case DeviceChanged(line=line, user_requested=user_requested):
                self.is_flowing = False
                self.device_changes.append(line)
                self.unreported.append(Notice(line, not user_requested))
            case DiskProblem(error=error):
                self.is_damaged = True
                return [Notice(error.line())]
            case Lost() if listens:
                return [Notice(MICROPHONE_LOST)]
        return self._silence(event, permissions) if listens else []

    def voice_notices(self, event: RecordingEvent) -> list[Notice]:
        """Messages about a voice that is missing or soft, or a microphone that fell
        silent, and that it no longer is. For dictations only: captions go on while
        nobody speaks. Not trouble: the user may be thinking."""
        match event:
            case Paused(device=device):
                self.silence = replace(_silent(device), is_trouble=False)
                return [self.silence]
            case Level(voice_level=voice_level):
                return self._voice(_OF_VOICE.get(voice_level, ""))
        return []

    def _voice(self, line: str) -> list[Notice]:
        """Show what is known of the voice in place of what was shown, if it differs."""
        shown, self.about_voice = self.about_voice, line if self.is_flowing else ""
        if self.about_voice == shown:
            return []
        over = [Notice(shown, is_trouble=False, is_over=True)] if shown else []
        new = [Notice(self.about_voice, is_trouble=False)] if self.about_voice else []
        return over + new

    def late_notices(self) -> list[Notice]:
        """Microphone changes that could not be shown when they happened."""
        late, self.unreported = self.unreported, []
        return late

    def _silence(self, event: RecordingEvent, permissions: Permissions) -> list[Notice]:
        """A message about silence. Without permission macOS gives zeros, not an error,
        and the user may still be answering its dialog when the first zeros are
        noticed."""
        before = self.silent_device
        if isinstance(event, Silent):
            self.silent_device = event.device
        if self.silent_device is None or self.is_flowing or self.is_denied:
            return []
        if permissions.state(Permission.MICROPHONE) is Grant.DENIED:
            self.is_denied = True
            self.silence = Notice(MICROPHONE_DENIED.format(permissions.holder()))
        elif self.silent_device == before:
            return []
        else:
            self.silence = _silent(self.silent_device)
        return [self.silence]

    def why_empty(self, duration_s: float) -> Notice:
        """Why there is no text: nobody spoke, unless the microphone gave no sound.

        duration_s   of the recording; some microphones begin with zeros
        """
        if self.has_sound or 0 < duration_s < BEGINNING_S:
            return Notice(NO_SPEECH, is_trouble=False)
        return self.silence or Notice(MICROPHONE_WITHOUT_SOUND)

    def _no_silence(self) -> list[Notice]:
        """Retracts the message about silence, if one was shown: there is sound."""
        shown, self.silence = self.silence, None
        return [replace(shown, is_over=True)] if shown is not None else []


def _silent(device: str) -> Notice:
    name = f"The microphone “{device}”" if device else "The microphone"
    return Notice(MICROPHONE_SILENT.format(name))


@dataclass(slots=True, kw_only=True)
class CaptionUtterance(RecordedUtterance):
    """An utterance of captions without its final text.

    session      the captions session it belongs to: only the current one is shown
    tentative    the words that may still change
    recorded_s   its length so far
    saved_s      when its words were saved last
    """

    session: int
    tentative: str = ""
    recorded_s: float = 0.0
    saved_s: float = 0.0

    def is_long(self, level: Level) -> bool:
        """Whether it may end here, so that the next one begins."""
        in_pause = bool(self.committed) and level.quiet_s >= PAUSE_S
        return level.recorded_s >= (ROLL_S if in_pause else LONGEST_S)

    @property
    def shown_words(self) -> str:
        return " ".join(part for part in (self.words, self.tentative) if part)

    def so_far(self, note: str) -> Transcript:
        """Its text so far, if no better one will come."""
        return Transcript(self.shown_words, "", self.recorded_s, notes=(note,))
