"""Recognizes terminals and remote desktops by the target's name.

The name is the WM_CLASS on X11, the bundle id on macOS, in any case. What follows from
being one of them is decided by the callers.
"""

from typing import Final

from mica.host.values import Target

_TERMINALS: Final = frozenset(
    """
    alacritty deepin-terminal foot gnome-terminal gnome-terminal-server kgx kitty
    konsole lxterminal mate-terminal org.wezfurlong.wezterm ptyxis qterminal rxvt sakura
    st st-256color terminator tilix urxvt uxterm xfce4-terminal xterm yakuake
    com.apple.terminal com.googlecode.iterm2 com.github.wez.wezterm
    com.mitchellh.ghostty dev.warp.warp-stable io.alacritty net.kovidgoyal.kitty
    org.alacritty co.zeit.hyper
    """.split()  # noqa: SIM905 the names stay readable
)


_REMOTE: Final = frozenset(
    """
    anydesk freerdp gnome-boxes gnome-connections krdc moonlight nxplayer
    org.remmina.remmina parsecd qemu-system-x86_64 remmina remote-viewer rustdesk spicy
    teamviewer vinagre virt-manager virt-viewer virtualboxvm vmware vncviewer wfica
    wlfreerdp xfreerdp
    com.anydesk com.apple.screensharing com.carriez.rustdesk
    com.citrix.receiver.icaviewer.mac com.microsoft.rdc.macos
    com.moonlight-stream.moonlight com.parallels.desktop.console
    com.philandro.anydesk com.realvnc.vncviewer com.teamviewer.teamviewer com.utmapp.utm
    com.vmware.fusion org.virtualbox.app.virtualboxvm tv.parsec.www
    """.split()  # noqa: SIM905 the names stay readable
)


def is_remote(target: Target) -> bool:
    """Whether the target shows another machine, which may not share our clipboard."""
    return target.name.casefold() in _REMOTE


def shows_mac(target: Target) -> bool:
    """Whether the target shows another Mac."""
    return target.name.casefold() == "com.apple.screensharing"


def is_terminal(target: Target) -> bool:
    """Whether the target is a terminal, whose text cannot be edited once inserted."""
    return target.name.casefold() in _TERMINALS
