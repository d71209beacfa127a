from mica.events import Style, TranscribeOptions
from mica.host.values import Target
from mica.insertion.options import InsertOptions, options_for, transcribe_options
from mica.settings import App, InsertBy, Settings

TERMINAL = Target(1, 2, "Gnome-terminal")


def test_unset_app_options_follow_the_settings() -> None:
    everywhere = Settings(
        style=Style.RAW, trailing_space=True, auto_submit=True, smart_spacing=False
    )
    chosen = InsertOptions(Style.RAW, (), False, True, True, True)
    assert options_for(everywhere, None) == options_for(everywhere, TERMINAL) == chosen


def test_application_name_ignores_case() -> None:
    own = App(
        style=Style.RAW, keywords=("ls",), trailing_space=False, auto_submit=False
    )
    settings = Settings(
        apps={"gnome-Terminal": own},
        trailing_space=True,
        auto_submit=True,
        restore_clipboard=False,
    )
    chosen = InsertOptions(Style.RAW, ("ls",), True, False, False, False)
    assert options_for(settings, TERMINAL) == chosen
    assert options_for(settings, Target(1, 2, "Other")).style is Style.PUNCTUATED


def test_the_defaults_are_the_settings_defaults() -> None:
    assert options_for(Settings(), None) == InsertOptions()


def test_remote_desktops_are_typed_into_and_what_the_user_lists() -> None:
    remote, editor = Target(1, 2, "Remmina"), Target(1, 2, "Editor")
    assert options_for(Settings(), remote).typed
    assert not options_for(Settings(), editor).typed
    assert not options_for(Settings(), None).typed
    apps = {"remmina": App(insert=InsertBy.PASTE), "editor": App(insert=InsertBy.TYPE)}
    assert not options_for(Settings(apps=apps), remote).typed
    assert options_for(Settings(apps=apps), editor).typed


def test_keywords_written_in_the_file_are_cleaned_too() -> None:
    own = App(keywords=("<|audio|>Jon", "red, green", "jon", " "))
    options = options_for(Settings(apps={TERMINAL.name: own}), TERMINAL)
    assert options.keywords == ("Jon", "red green")


def test_transcription_gets_the_applications_keywords_before_the_users_own() -> None:
    settings = Settings(
        keyword_token_budget=7,
        apps={TERMINAL.name: App(style=Style.RAW, keywords=("ls", "Jon"))},
    )
    own = transcribe_options(settings, options_for(settings, TERMINAL), ["Jon", "Zoë"])
    assert own == TranscribeOptions(Style.RAW, ("ls", "Jon", "Zoë"), 7)
