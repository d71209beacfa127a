from mica.bench.drafts import passes_per_token


def test_every_kind_of_draft_is_counted_and_costs_less_than_decoding() -> None:
    found = passes_per_token(range(2))
    assert list(found) == ["raw", "punctuated", "interim"]
    assert all(0 < passes < 0.5 for passes in found.values())
    assert found["interim"] < found["punctuated"]
