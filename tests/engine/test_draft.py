import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.bench.oracle import TEXT, PieceTokenizer, spoken_form
from mica.engine.align import apply_choices, fit_continuation, resume_index
from mica.engine.draft import add_punctuation, draft_tokens, merge_ctc_heads, splice
from mica.events import Style

WORDS = st.lists(
    st.sampled_from(["a", "the", "cat", "cats", "that", "there", "I", "no", "yes"])
)


@pytest.mark.parametrize(
    ("ctc_text", "wanted"),
    [
        ("", ""),
        ("  ", ""),
        ("hello there", "Hello there."),
        ("is it? yes!", "Is it? yes!"),
        ("i think i'm late i", "I think I'm late I."),
        ("in iowa it's i.e. so", "In iowa it's i.e. so."),
        ("ask jon about new york", "Ask Jon about New York."),
        ("the gpt 4 model and mlx's", "The GPT-4 model and MLX's."),
        ("jonathan", "Jonathan."),
    ],
)
def test_plain_text_gets_punctuation(ctc_text: str, wanted: str) -> None:
    assert add_punctuation(ctc_text, ["Jon", "New York", "GPT-4", "MLX", "?"]) == wanted


def test_the_longer_of_two_keywords_wins() -> None:
    assert (
        add_punctuation("new york times", ["York", "New York Times"])
        == "New York Times."
    )


CTC_TEXT = "we ship on thursday there are two issues though."


@pytest.mark.parametrize(
    ("interim", "wanted"),
    [
        ("", CTC_TEXT),
        ("We.", CTC_TEXT),
        ("We ship on Thursday.", "We ship on thursday there are two issues though."),
        (
            "We ship on Thursday. There",
            "We ship on Thursday. There are two issues though.",
        ),
        (
            "We ship, on Thursday. There are.",
            "We ship, on Thursday. There are two issues though.",
        ),
        (
            "He ships on a Thursday, there",
            "He ships on a Thursday, there are two issues though.",
        ),
        ("Something else was said here.", CTC_TEXT),
        (
            "We ship on Thursday. There are two issues though. And",
            "We ship on Thursday. There are two issues though.",
        ),
    ],
)
def test_draft_continues_interim_text_with_the_ctc_text(
    interim: str, wanted: str
) -> None:
    assert splice(interim, CTC_TEXT) == wanted


def test_repeated_words_are_not_skipped() -> None:
    ctc_text = "no no no I said the the cat and the cat sat"
    glue = splice("No, no, no, I said the cat so", ctc_text)
    assert glue == "No, no, no, I said the cat and the cat sat"
    assert splice("No, no", ctc_text) == "No, no no I said the the cat and the cat sat"


def test_empty_ctc_text_keeps_the_interim_text() -> None:
    assert splice("", "") == ""
    assert splice("There are two", "") == ""


@given(before=WORDS, after=WORDS)
def test_beginning_of_the_text_is_spliced_back(
    before: list[str], after: list[str]
) -> None:
    ctc_text = " ".join(before + after)
    assert splice(" ".join([*before, "whatever"]), ctc_text) == ctc_text


@given(ctc_text=st.text(max_size=40), interim=st.text(max_size=40))
def test_any_two_texts_give_a_draft(ctc_text: str, interim: str) -> None:
    splice(interim, add_punctuation(ctc_text, [interim]))
    at, _ = resume_index(ctc_text, interim)
    assert 0 <= at <= len(ctc_text)


@pytest.mark.parametrize(
    ("unsure", "letters", "wanted"),
    [
        ("", "ask jon when we ship", "ask john if we ship"),
        ("john", "ask jon when we ship", "ask jon if we ship"),
        ("john if", "ask jon when we ship", "ask jon when we ship"),
        ("if", "ask john we ship", "ask john we ship"),  # not in the character CTC
        ("john", "ask jon if he and we ship", "ask jon if he and we ship"),
        ("ask john if we ship", "アスク", "ask john if we ship"),
    ],
)
def test_words_the_tokens_hardly_know_are_spelled(
    unsure: str, letters: str, wanted: str
) -> None:
    words = PieceTokenizer()
    tokens = [
        (token, 0.2 if piece.strip() in unsure.split() else 1.0)
        for token, piece in zip(
            words.encode("ask john if we ship"),
            ["ask", " john", " if", " we", " ship"],
            strict=True,
        )
    ]
    assert merge_ctc_heads(words, tokens, letters) == wanted


@pytest.mark.parametrize("letters", ["", "a", "ask john", "アスク"])
def test_draft_uses_the_letters_if_the_token_head_is_empty(letters: str) -> None:
    assert merge_ctc_heads(PieceTokenizer(), [], letters) == letters


@given(
    tokens=st.lists(st.tuples(st.sampled_from("a| b|.|"), st.floats(0, 1))),
    letters=st.text(max_size=20),
)
def test_merged_draft_has_only_words_of_the_two_heads(
    tokens: list[tuple[str, float]], letters: str
) -> None:
    words = PieceTokenizer()
    labels = [(token, p) for piece, p in tokens for token in words.encode(piece)]
    known = set(words.decode([token for token, _ in labels]).split())
    assert set(merge_ctc_heads(words, labels, letters).split()) <= known | set(
        letters.split()
    )


def test_draft_has_the_requested_style() -> None:
    words = PieceTokenizer()
    ctc_text = "ask jon if i can"
    for style, interim, wanted in (
        (Style.RAW, "", "ask jon if i can"),
        (Style.RAW, "ask jon so", "ask jon if i can"),
        (Style.PUNCTUATED, "", "Ask Jon if I can."),
        (Style.PUNCTUATED, "Ask Jon, so", "Ask Jon, if I can."),
    ):
        assert (
            words.decode(draft_tokens(words, ctc_text, style, ["Jon"], interim))
            == wanted
        )


@pytest.mark.parametrize(
    ("settled", "rest"),
    [
        ("", "so we ship on thursday"),
        ("So, we", " ship on thursday"),
        ("So we", " ship on thursday"),
        ("So we ship on Thurs", "day"),
        ("So we ship on Thurs.", ""),
        ("So we sail", " on thursday"),  # replaced
        ("So ship", " on thursday"),  # left out
        ("So we do ship", " on thursday"),  # added
        ("So we ship on thursday.", ""),
        ("Something quite different", " on thursday"),
        ("So we ship on Thirs", "day"),  # partial word, spelled differently
        ("So we ship on Therz", "day"),
        ("So we ship on Friday", ""),
    ],
)
def test_draft_continues_after_settled_words(settled: str, rest: str) -> None:
    draft = "so we ship on thursday"
    at, _ = resume_index(draft, settled)
    assert draft[at:] == rest


@pytest.mark.parametrize(
    ("settled", "rest"),
    [
        ("So we shi", " on thursday"),  # one more letter is a different spelling
        ("So we sh", "ip on thursday"),
        ("So we ship on Thirs", ""),
    ],
)
def test_complete_word_is_not_continued(settled: str, rest: str) -> None:
    draft = "so we ship on thursday"
    at, _ = resume_index(draft, settled, inside=False)
    assert draft[at:] == rest


def test_a_common_word_does_not_jump_ahead() -> None:
    draft = spoken_form(TEXT)
    at, _ = resume_index(draft, "So I talked to Maria yesterday, and the")
    assert draft[at:].startswith(" thinks we can")


@pytest.mark.parametrize(
    ("settled", "text", "wanted"),
    [
        ("", "so", "so"),
        ("We go", " there", " there"),
        ("We go.", " there", " There"),
        ("We go. ", " there", "There"),
        ('He said "go."', " there", " There"),
        ("We go.", ", there", " There"),
        ("We go,", ". There we", " there we"),
        ("We go,", ". I am", " I am"),
        ("We go", ". There", ". There"),
        ("twenty-", " one", "one"),
    ],
)
def test_draft_remainder_fits_the_settled_text(
    settled: str, text: str, wanted: str
) -> None:
    assert fit_continuation(settled, text) == wanted


@pytest.mark.parametrize(
    ("draft", "choices", "wanted"),
    [
        (
            "so| we| met| maria| there|",
            "so| we| met| Maria| there||",
            " met Maria there",
        ),
        ("so| we| met| mar|ia| there", "so| we| met| M|ia| there|", " met Maria there"),
        ("so| we| met| it| so", "so| we| met|,| so|", " met, it so"),
        ("so| we| met| then| so", "so| we| met|.| so|", " met. Then so"),
        ("so| we| met|.| Then| so", "so| we| met| then| Then| so|", " met then so"),
        ("so| we| met|.| so| so", "so| we| met|?| so| so|", " met? so so"),
        ("so| we| met|.", "so| we| met||", " met"),
        ("so| we| met| bet| him| so", "so| we| met| him| him| so|", " met him so"),
        ("so| we| bet| him| so", "so| we| met| him| so|", " met him so"),
        ("so| we| met| him| so", "so| we| met|ro| so|", " met him so"),  # metro
        ("so| we| met| him|.", "x| y| z| Him| a|", " met him."),
    ],
)
def test_choices_of_the_decoder_replace_the_draft(
    draft: str, choices: str, wanted: str
) -> None:
    pieces, own = draft.split("|"), choices.split("|")
    assert apply_choices(pieces, own) == f"so we{wanted}"


def test_module_example_of_resuming_a_draft_holds() -> None:
    draft, settled = "the quick brown fox jumps", "The quik brown"
    index, unlike = resume_index(draft, settled)
    assert (draft[:index], draft[index:]) == ("the quick brown", " fox jumps")
    assert unlike == pytest.approx((-2 + 20 - 2) / 3 / 20)
    assert fit_continuation(f"{settled}.", draft[index:]) == " Fox jumps"
