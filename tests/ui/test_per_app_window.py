"""The per-app settings window: which apps it lists, and what is saved for each."""

import pytest

from mica.dictation.settings_store import SettingsStore
from mica.errors import SettingsError
from mica.events import Style
from mica.host.values import Target
from mica.insertion.options import options_for
from mica.settings import App, InsertBy, Settings, load, save
from mica.ui.per_app_window import FIELDS, PerAppWindow
from ui.pictures import SCREENSHOTS

XTERM = App(insert=InsertBy.TYPE, keywords=("sudo", "Łódź"))


class Harness:
    """A window with settings that are saved, and recently used programs."""

    def __init__(self, qtbot, apps: dict[str, App], used: list[str]) -> None:
        self.used, self.refusal = used, None
        save(Settings(), Settings(apps=apps))
        self.choices = SettingsStore(load()[0], self._apply)
        self.window = PerAppWindow(self.choices, lambda: self.used)
        qtbot.addWidget(self.window)
        self.window.show()

    def _apply(self, wanted: Settings) -> None:
        if self.refusal is not None:
            raise self.refusal

    def listed(self) -> list[str]:
        names = self.window._name
        return [names.itemText(index) for index in range(names.count())]

    def pick(self, field: str, value: object) -> None:
        """Choose a value from a list, as a user does."""
        combo = self.window._combos[field]
        combo.setCurrentIndex(list(FIELDS[field][1]).index(value))
        combo.activated.emit(combo.currentIndex())

    def shown(self) -> App:
        """The settings that the window shows for the chosen app."""
        of = {f: self.window._combos[f].currentIndex() for f in FIELDS}
        chosen = {f: list(FIELDS[f][1])[index] for f, index in of.items()}
        words = self.window._keywords.text()
        return App(**chosen, keywords=tuple(words.split(", ")) if words else ())

    def write(self, text: str) -> None:
        self.type(text)
        self.window._keywords.editingFinished.emit()

    def type(self, text: str) -> None:
        """Type into the keywords field, which keeps the focus."""
        self.window._keywords.selectAll()
        self.window._keywords.insert(text)


@pytest.fixture
def harness(qtbot, home):
    return Harness(qtbot, {"xterm": XTERM}, ["Mail", "XTerm", "gedit", "Mail"])


def test_those_with_choices_and_those_used_are_listed_once(harness):
    assert harness.listed() == ["gedit", "Mail", "xterm"]
    harness.used = []
    harness.window.hide()
    harness.window.refresh()
    assert harness.listed() == ["xterm"]


def test_options_of_an_application_are_shown(harness):
    harness.window._name.setCurrentText("xterm")
    assert harness.shown() == XTERM
    harness.window._name.setCurrentText("Mail")
    assert harness.shown() == App()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (field, value)
        for field in FIELDS
        for value in FIELDS[field][1]
        if value is not None
    ],
)
def test_each_choice_is_applied_saved_and_reset(harness, field, value):
    harness.window._name.setCurrentText("Mail")
    harness.pick(field, value)
    apps = {"xterm": XTERM, "Mail": App(**{field: value})}
    assert harness.choices.now.apps == apps == load()[0].apps
    assert harness.shown() == apps["Mail"]
    harness.pick(field, None)
    assert harness.choices.now.apps == {"xterm": XTERM} == load()[0].apps


def test_keywords_are_cleaned_and_the_rest_stays(harness):
    harness.window._name.setCurrentText("xterm")
    harness.pick("style", Style.RAW)
    harness.write(" grep,  Mount   Rainier ;grep, <|x|>")
    keywords = ("grep", "Mount Rainier")
    wanted = App(style=Style.RAW, insert=InsertBy.TYPE, keywords=keywords)
    assert harness.choices.now.apps["xterm"] == wanted == harness.shown()
    harness.write("")
    assert harness.choices.now.apps["xterm"].keywords == ()


def test_unsaved_keywords_are_kept_with_the_next_choice(harness):
    harness.window._name.setCurrentText("Mail")
    harness.type("Rainier")
    harness.pick("style", Style.RAW)
    assert harness.choices.now.apps["Mail"] == App(
        style=Style.RAW, keywords=("Rainier",)
    )
    harness.type("Rainier, Jon")
    harness.window._name.setCurrentText("xterm")
    assert harness.choices.now.apps["Mail"].keywords == ("Rainier", "Jon")
    assert harness.choices.now.apps["xterm"] == XTERM == harness.shown()


def test_keywords_that_are_only_looked_at_stay_as_they_are(qtbot, home):
    by_hand = App(keywords=("a;b", "New York, NY", "x" * 100))
    harness = Harness(qtbot, {"xterm": by_hand}, ["Mail"])
    for name in ("xterm", "Mail", "xterm"):
        harness.window._name.setCurrentText(name)
    harness.pick("style", Style.RAW)
    assert harness.choices.now.apps["xterm"].keywords == by_hand.keywords


def test_unsaved_keywords_are_kept_when_the_window_is_shown_again(harness):
    harness.window._name.setCurrentText("Mail")
    harness.type("Rainier")
    harness.window.refresh()
    assert harness.choices.now.apps["Mail"].keywords == ("Rainier",)


def test_long_name_is_not_clipped(qtbot, home):
    harness = Harness(qtbot, {}, ["com.example." + "long" * 30])
    inside = harness.window.rect()
    assert inside.contains(harness.window._name.geometry())


def test_spelling_in_force_is_shown_of_two(qtbot, home):
    loud = App(style=Style.RAW)
    harness = Harness(qtbot, {"xterm": XTERM, "XTerm": loud}, ["xterm"])
    assert harness.listed() == ["XTerm"] and harness.shown() == loud
    typed = options_for(harness.choices.now, Target(1, 1, "xterm"))
    assert typed.style is Style.RAW


def test_refused_choice_is_reported_and_not_shown(harness):
    harness.window._name.setCurrentText("Mail")
    harness.refusal = SettingsError("The key is taken.", "Choose another.")
    harness.pick("insert", InsertBy.TYPE)
    assert harness.shown() == App() and harness.window._problem.isVisible()
    assert "The key is taken. Choose another." in harness.window._problem.text()
    harness.refusal = None
    harness.pick("insert", InsertBy.TYPE)
    assert not harness.window._problem.isVisible()


def test_selection_is_kept_when_the_window_is_shown_again(harness):
    harness.window._name.setCurrentText("xterm")
    harness.used = ["Zed"]
    harness.window.refresh()
    assert harness.window._name.currentText() == "xterm" and harness.shown() == XTERM


def test_the_chosen_app_stays_when_the_file_spells_it_differently(qtbot, home):
    harness = Harness(qtbot, {"noteapp": App(style=Style.RAW)}, ["XTerm"])
    harness.window._name.setCurrentText("XTerm")
    apps = {**harness.choices.now.apps, "xterm": XTERM}
    save(harness.choices.now, Settings(apps=apps))
    harness.window.refresh()
    assert harness.window._name.currentText() == "xterm" and harness.shown() == XTERM


def test_the_chosen_app_stays_when_nothing_else_lists_it(harness):
    harness.window._name.setCurrentText("Mail")
    harness.used = []
    harness.window.refresh()
    harness.pick("style", Style.RAW)
    assert harness.choices.now.apps == {"xterm": XTERM, "Mail": App(style=Style.RAW)}


def test_no_application_can_be_chosen_before_a_dictation(qtbot, home):
    harness = Harness(qtbot, {}, [])
    assert harness.listed() == [] and not harness.window._keywords.isEnabled()
    harness.used = ["Mail"]
    harness.window.refresh()
    assert harness.window._keywords.isEnabled()


def test_text_of_the_window_is_not_clipped(harness, qtbot):
    harness.window._name.setCurrentText("xterm")
    qtbot.waitExposed(harness.window)
    for widget in (*harness.window._combos.values(), harness.window._name):
        assert widget.width() >= widget.sizeHint().width()
    SCREENSHOTS.mkdir(exist_ok=True)
    assert harness.window.grab().save(str(SCREENSHOTS / "applications.png"))
