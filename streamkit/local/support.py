"""Which settings the local runner emulates: every other one is refused, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.errors import UnsupportedSettingError

if TYPE_CHECKING:
    from streamkit.mapping import EventSourceMapping

__all__ = ["refuse_unsupported"]


def refuse_unsupported(mapping: EventSourceMapping) -> None:
    """Raise UnsupportedSettingError, naming the setting and its value, for what the runner cannot honour yet."""
    if mapping.tumbling_window_in_seconds:
        raise UnsupportedSettingError(
            f"the local runner does not emulate TumblingWindowInSeconds {mapping.tumbling_window_in_seconds} yet, and "
            f"ignoring a setting would let a test pass that fails on AWS: leave it out of the mapping that you run with"
        )
