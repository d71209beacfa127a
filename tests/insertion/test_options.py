from mica.events import Style
from mica.host.ports import Target
from mica.insertion.options import Manner, manner_of
from mica.settings import App, Means, Settings

TERMINAL = Target(1, 2, "Gnome-terminal")


def test_what_an_application_does_not_say_is_as_everywhere() -> None:
    everywhere = Settings(
        style=Style.RAW, trailing_space=True, auto_submit=True, smart_spacing=False
    )
    chosen = Manner(Style.RAW, (), False, True, True, True)
    assert manner_of(everywhere, None) == manner_of(everywhere, TERMINAL) == chosen


def test_an_application_is_found_however_its_name_is_cased() -> None:
    own = App(
        style=Style.RAW, keywords=("ls",), trailing_space=False, auto_submit=False
    )
    settings = Settings(
        apps={"gnome-Terminal": own},
        trailing_space=True,
        auto_submit=True,
        restore_clipboard=False,
    )
    chosen = Manner(Style.RAW, ("ls",), True, False, False, False)
    assert manner_of(settings, TERMINAL) == chosen
    assert manner_of(settings, Target(1, 2, "Other")).style is Style.PUNCTUATED


def test_the_defaults_are_the_settings_defaults() -> None:
    assert manner_of(Settings(), None) == Manner()


def test_remote_desktops_are_typed_into_and_what_the_user_lists() -> None:
    remote, editor = Target(1, 2, "Remmina"), Target(1, 2, "Editor")
    assert manner_of(Settings(), remote).typed
    assert not manner_of(Settings(), editor).typed
    assert not manner_of(Settings(), None).typed
    apps = {"remmina": App(insert=Means.PASTE), "editor": App(insert=Means.TYPE)}
    assert not manner_of(Settings(apps=apps), remote).typed
    assert manner_of(Settings(apps=apps), editor).typed


def test_keywords_somebody_wrote_in_the_file_are_cleaned_as_any() -> None:
    own = App(keywords=("<|audio|>Jon", "red, green", "jon", " "))
    manner = manner_of(Settings(apps={TERMINAL.name: own}), TERMINAL)
    assert manner.keywords == ("Jon", "red green")
