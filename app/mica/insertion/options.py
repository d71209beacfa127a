"""How text for one window is written and inserted: the user's settings, with those of
the application. Keeps no state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from mica.events import Style, TranscribeOptions
from mica.host.apps import is_remote
from mica.host.values import Target
from mica.settings import App, InsertBy, Settings
from mica.text.keywords import gather

Setting = TypeVar("Setting")


@dataclass(frozen=True, slots=True)
class InsertOptions:
    """The choices for one text.

    keywords       of the application, in addition to the user's own
    spaced         add a space before it if it follows other text
    ends_spaced    add a space after it
    submits        press Return after it
    typed          type it key by key
    restores       restore the clipboard afterwards
    """

    style: Style = Style.PUNCTUATED
    keywords: tuple[str, ...] = ()
    spaced: bool = True
    ends_spaced: bool = False
    submits: bool = False
    restores: bool = True
    typed: bool = False


def options_for(settings: Settings, target: Target | None) -> InsertOptions:
    """The insert options for the focused application."""
    app = _app(settings, target.name if target is not None else "")
    return InsertOptions(
        style=_chosen(app.style, settings.style),
        keywords=gather(app.keywords).words,
        spaced=settings.smart_spacing,
        ends_spaced=_chosen(app.trailing_space, settings.trailing_space),
        submits=_chosen(app.auto_submit, settings.auto_submit),
        restores=settings.restore_clipboard,
        typed=_is_typed(app, target),
    )


def transcribe_options(
    settings: Settings, options: InsertOptions, keywords: Iterable[str]
) -> TranscribeOptions:
    """How to transcribe speech that will be inserted with these options; without a
    target language.

    keywords   the user's own; those of the application come first
    """
    return TranscribeOptions(
        options.style,
        tuple(dict.fromkeys([*options.keywords, *keywords])),
        settings.keyword_token_budget,
    )


def _is_typed(app: App, target: Target | None) -> bool:
    if app.insert is None:
        return target is not None and is_remote(target)
    return app.insert is InsertBy.TYPE


def _app(settings: Settings, name: str) -> App:
    """The application's own settings; case-insensitive, since people guess its name."""
    known = {listed.casefold(): app for listed, app in settings.apps.items()}
    return known.get(name.casefold(), App())


def _chosen(of_the_app: Setting | None, everywhere: Setting) -> Setting:
    return everywhere if of_the_app is None else of_the_app
