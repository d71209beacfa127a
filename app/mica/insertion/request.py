"""Insertion requests and reports.

Dictation makes one InsertRequest from each final text; insertion answers with one
InsertReport, or two if it learns later that the text arrived. Nothing else passes
between them.
"""

from dataclasses import dataclass

from mica.events import Style
from mica.host.values import Snapshot, SurroundingText, Target
from mica.insertion.options import InsertOptions
from mica.insertion.spacing import fit_to_context
from mica.library.store import EntryStatus

_PLAIN = InsertOptions()


@dataclass(frozen=True, slots=True)
class InsertRequest:
    """A text and the window it is for.

    utterance   its number, which the report repeats
    target      None if no window had the focus
    keywords    the user's, whose capitals are kept
    """

    utterance: int
    text: str
    target: Target | None
    options: InsertOptions = _PLAIN
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InsertReport:
    """The outcome of an insertion; without an utterance only the message counts.

    message    for the user; None if all went well
    replaced   earlier clipboard contents that may be gone, oldest first
    is_over    False: the text is still offered, and another report may follow
    words      the text without its punctuation, which replaced it
    """

    utterance: int | None
    status: EntryStatus
    message: str | None = None
    replaced: tuple[Snapshot, ...] = ()
    is_over: bool = True
    words: str | None = None


def fitted(request: InsertRequest, around: SurroundingText | None) -> str:
    """The text, fitted to the text around the caret, with its trailing space.

    around   None if that is not known or does not matter
    """
    text, options = request.text, request.options
    if around is not None:
        text = fit_to_context(
            around,
            text,
            punctuated=options.style is Style.PUNCTUATED,
            keywords=request.keywords,
        )
    needs_space = options.ends_spaced and not text[-1:].isspace()
    return f"{text} " if needs_space else text
