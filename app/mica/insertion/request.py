"""What insertion is asked for, and what it reports.

Dictation makes one InsertRequest of each final text, and insertion answers with one
InsertReport, or two where it learns later that the text arrived. Nothing else passes
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

    utterance   its number, which comes back in the report
    target      None where no window had the keyboard
    keywords    the user's, which keep their capitals
    """

    utterance: int
    text: str
    target: Target | None
    options: InsertOptions = _PLAIN
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InsertReport:
    """The outcome of an insertion; without an utterance only the message counts.

    message    for the user; None where all went well
    replaced   what the clipboard held, oldest first, and may hold no more
    is_over    False: the text is still offered, and another report may come
    """

    utterance: int | None
    status: EntryStatus
    message: str | None = None
    replaced: tuple[Snapshot, ...] = ()
    is_over: bool = True


def fitted(request: InsertRequest, around: SurroundingText | None) -> str:
    """The text with its spaces, as it fits what stands around the caret.

    around   None where that is not known, or does not matter
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
