"""What macOS allows: the microphone, and posting keys. Nothing else is asked for."""

from typing import Final

from AppKit import NSWorkspace
from ApplicationServices import (
    AXIsProcessTrusted,
    AXIsProcessTrustedWithOptions,
    kAXTrustedCheckOptionPrompt,
)
from AVFoundation import AVCaptureDevice, AVMediaTypeAudio
from Foundation import NSURL

from mica.host.ports import Grant, Permission

PAGE: Final = "x-apple.systempreferences:com.apple.preference.security?Privacy_"
_PAGES: Final = {
    Permission.MICROPHONE: "Microphone",
    Permission.INSERTION: "Accessibility",
}
_STATES: Final = (Grant.UNDETERMINED, Grant.DENIED, Grant.DENIED, Grant.GRANTED)


class MacPermissions:
    """See ports.Permissions. Main thread only."""

    def state(self, what: Permission) -> Grant:
        if what is Permission.INSERTION:
            return Grant.GRANTED if AXIsProcessTrusted() else Grant.DENIED
        status = AVCaptureDevice.authorizationStatusForMediaType_(AVMediaTypeAudio)
        return _STATES[status]

    def request(self, what: Permission) -> None:
        if self.state(what) is Grant.UNDETERMINED:
            ask = AVCaptureDevice.requestAccessForMediaType_completionHandler_
            ask(AVMediaTypeAudio, lambda granted: None)  # the state is polled
            return
        if what is Permission.INSERTION:
            AXIsProcessTrustedWithOptions({kAXTrustedCheckOptionPrompt: True})
        page = NSURL.URLWithString_(PAGE + _PAGES[what])
        NSWorkspace.sharedWorkspace().openURL_(page)
