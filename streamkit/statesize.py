"""How large the state of a window is: Lambda ends a window early whose state is larger than 1 MB (SEMANTICS §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamkit.settings import MAX_STATE_BYTES
from streamkit.states.codec import WRAPPER
from streamkit.states.losslessjson import compact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.states.codec import EncodedState

__all__ = ["size_warning"]

_WARN_FROM = MAX_STATE_BYTES * 4 // 5


def size_warning(name: str, raw: Any, before: int, encoded: EncodedState) -> Iterator[str]:
    """Yield what there is to say of a state that was ``raw``, of ``before`` bytes, when the invocation began.

    Said once a window: where the state becomes larger than 80 % of what Lambda takes, and than all of it.
    """
    size = len(encoded.json)
    if size > MAX_STATE_BYTES:
        yield (
            f"{name}: the state of the window has {size:,} bytes, more than Lambda's {MAX_STATE_BYTES:,}: Lambda ends "
            f"the window early, with this state (window.terminated_early), and begins a fresh one for the records "
            f"that follow (SEMANTICS §5). {_growth(raw, encoded.value)}"
        )
    elif size >= _WARN_FROM > before:
        yield (
            f"{name}: the state of the window has {size:,} bytes, {size / MAX_STATE_BYTES:.0%} of the "
            f"{MAX_STATE_BYTES:,} from which on Lambda ends a window early (SEMANTICS §5). "
            f"{_growth(raw, encoded.value)}"
        )


def _growth(raw: Any, value: Mapping[str, Any]) -> str:
    """Say which member grew most in this invocation."""
    old = raw if isinstance(raw, Mapping) else {}
    sizes = {
        name: (len(compact(member)), len(compact(old[name])) if name in old else 0) for name, member in value.items()
    }
    name, (now, then) = max(sizes.items(), key=lambda pair: pair[1][0] - pair[1][1])
    if name == WRAPPER:
        return f"It grew by {now - then:,} bytes"
    return f"Its member {name.removeprefix('$')!r} grew most, by {now - then:,} to {now:,} bytes"
