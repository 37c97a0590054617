from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.records import StreamRecord
from streamkit.local.sources.columns import Columns, place_of
from tests.local.builders import after

records = st.builds(
    StreamRecord,
    st.integers(0).map(str),
    st.none() | st.integers(0, 9).map(after),
    st.binary(),
    st.integers(0),
    st.just(0),
)


@given(st.lists(records, min_size=1, max_size=5))
def test_columns_give_back_the_records_that_they_are_made_of(records: list[StreamRecord]) -> None:
    again = Columns.of(records).records()
    assert again == records
    assert all(type(record) is StreamRecord and len(record) == len(StreamRecord._fields) for record in again)


def test_a_place_is_in_words_or_counted_from_one() -> None:
    assert place_of(4, None) == "record 5"
    assert place_of(4, "events.jsonl, line 9") == "events.jsonl, line 9"
