from __future__ import annotations

from streamkit.local import Destination, MemoryDestination


def test_memory_keeps_what_it_is_sent_in_order() -> None:
    destination = MemoryDestination()
    destination.send({"a": 1})
    destination.send({"a": 2})
    assert destination.sent == [{"a": 1}, {"a": 2}]
    assert isinstance(destination, Destination)
