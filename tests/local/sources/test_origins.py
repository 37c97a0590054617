from __future__ import annotations

from streamkit.local.sources.origins import place_of


def test_a_place_is_in_words_or_counted_from_one() -> None:
    assert place_of(4, None) == "record 5"
    assert place_of(4, "events.jsonl, line 9") == "events.jsonl, line 9"
