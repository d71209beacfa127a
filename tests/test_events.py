import pytest

from mica.events import LANGUAGE_CODES, Language, language_named


@pytest.mark.parametrize("known", list(Language))
def test_a_language_is_found_by_name_and_code_in_any_case(known: Language) -> None:
    for wanted in (
        known.value,
        known.value.upper(),
        LANGUAGE_CODES[known],
        f" {LANGUAGE_CODES[known]} ",
    ):
        assert language_named(wanted) is known


@pytest.mark.parametrize("wanted", ["", "Klingon", "deu", "Germa"])
def test_an_unknown_language_is_none(wanted: str) -> None:
    assert language_named(wanted) is None
