"""The decoder's prompts and expected answers in training."""

import random
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from tokenizers import Tokenizer

from mica import paths

TEXT = "I met Kevin in the garden."
RAW = "i met kevin in the garden"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(paths.embedded_model() / "tokenizer.json"))


@pytest.fixture
def ask(
    script: Callable[[str], ModuleType], tokenizer: Tokenizer
) -> Callable[[int, bool], tuple[str, str, Any]]:
    """A function that returns the prompt, the answer and the whole item for a seed."""
    prompts = script("prompts")

    def made_prompts(seed: int, cased: bool) -> tuple[str, str, Any]:
        sampler = prompts.PromptSampler(tokenizer, ["budget"], random.Random(seed))
        found = sampler.sample(prompts.Sentences(TEXT if cased else RAW, RAW, cased))
        assert found.answer[-1] == prompts.EOS
        question = tokenizer.decode(found.after, skip_special_tokens=False)
        return question, tokenizer.decode(found.answer[:-1]), found

    return made_prompts


def listed(question: str) -> list[str]:
    words = question.partition("Keywords: ")[2].partition("\n")[0]
    return words.split(", ") if words else []


def test_name_listed_in_another_spelling_is_spelled_as_listed(
    ask: Callable[[int, bool], tuple[str, str, Any]],
) -> None:
    invented = 0
    for seed in range(200):
        question, answer, _ = ask(seed, True)
        name = answer.split()[2]
        if name.casefold() != "kevin":
            invented += 1
            assert name.casefold() in [word.casefold() for word in listed(question)]
            assert "Kevin" not in listed(question)
        assert answer.casefold().replace(name.casefold(), "kevin").strip(".") == RAW
    assert 15 < invented < 80


def test_an_invented_name_weighs_more_than_other_words(
    ask: Callable[[int, bool], tuple[str, str, Any]],
) -> None:
    seeds = [s for s in range(200) if ask(s, True)[1].split()[2].lower() != "kevin"]
    for seed in seeds:
        weights = ask(seed, True)[2].weights
        assert max(weights) > 1
        assert weights[0] == 1


def test_text_without_capitals_only_gets_the_raw_prompt(
    ask: Callable[[int, bool], tuple[str, str, Any]],
) -> None:
    questions = {ask(seed, False)[0].partition(".")[0] for seed in range(60)}
    assert not any("punctuation" in question for question in questions)
    assert any("punctuation" in ask(seed, True)[0] for seed in range(20))


def test_names_reserved_for_evaluation_are_never_respelled(
    script: Callable[[str], ModuleType], tokenizer: Tokenizer
) -> None:
    prompts, grammar = script("prompts"), script("grammar")
    sampler = prompts.PromptSampler(tokenizer, ["budget"], random.Random(1))
    for name in {name for pair in grammar.UNSEEN_RIVALS for name in pair}:
        text = f"I met {name} today."
        for _ in range(20):
            found = sampler.sample(
                prompts.Sentences(text, f"i met {name.lower()}", True)
            )
            assert name.lower() in tokenizer.decode(found.answer).lower()
