"""What stands around the caret after what the user typed behind a text, where no
program tells. A pure table over presses, no model of an editor.
"""

from collections.abc import Iterable

from mica.host.ports import SOMETHING, Surrounding
from mica.host.strokes import LETTER, Stroke, Typed


def typed_on(around: Surrounding | None, strokes: Iterable[Typed]) -> Surrounding:
    """After these presses, oldest first. Letters make the midst of a sentence only
    where all since the text is known: they may have been commands.

    around   before them; None where it is not known
    """
    is_known = around is not None
    before = SOMETHING + (around.before if around else "")
    after = around.after if around else ""
    for stroke in strokes:
        if stroke == "\t":  # or into another field
            is_known, before, after = False, f"{SOMETHING}\t", ""
        elif isinstance(stroke, str):
            before += SOMETHING if stroke == LETTER and not is_known else stroke
        elif stroke is Stroke.BACK:
            before = before[:-1] if before[1:] else before
        elif stroke is Stroke.ALL:
            is_known, before, after = True, "", ""
        elif stroke in (Stroke.LINE, Stroke.TOP):
            rest = before if stroke is Stroke.TOP else before.rpartition("\n")[2]
            is_known, before, after = True, "", rest.replace(SOMETHING, "").strip()
        elif stroke is not Stroke.NOTHING:
            is_known, before, after = False, SOMETHING, ""
    return Surrounding(before, after)
