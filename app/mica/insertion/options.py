"""How the words for one window are written and put there: the settings, and what they
say of its application. Decides nothing else and remembers nothing.
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
    """The choices that hold for one text.

    keywords       of the application; the user's own come besides
    spaced         a space goes before it where it follows the text before it
    ends_spaced    a space goes behind it
    submits        Return is pressed behind it
    typed          it goes in key by key
    restores       what was on the clipboard is put back
    """

    style: Style = Style.PUNCTUATED
    keywords: tuple[str, ...] = ()
    spaced: bool = True
    ends_spaced: bool = False
    submits: bool = False
    restores: bool = True
    typed: bool = False


def options_for(settings: Settings, target: Target | None) -> InsertOptions:
    """The insert options of the application that has the keyboard."""
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
    """How speech is transcribed that is inserted so; without a target language.

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
    """The application's own settings; people do not know how its name is cased."""
    known = {listed.casefold(): app for listed, app in settings.apps.items()}
    return known.get(name.casefold(), App())


def _chosen(of_the_app: Setting | None, everywhere: Setting) -> Setting:
    return everywhere if of_the_app is None else of_the_app
