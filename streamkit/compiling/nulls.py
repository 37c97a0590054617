"""None and what may be None: an explicit ``NULL``, which is another thing than an attribute that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.compiling.checks import nullable
from streamkit.compiling.doubts import NotCompiledError
from streamkit.compiling.readings import Mixed, Reading, chain, in_order, of_payloads, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.compiling.readings import CoreSchema
    from streamkit.compiling.scope import Read, Scope

__all__ = ["NULLS"]

# A true that becomes None. The look-up alone would take a 1 for it.
_TRUE = chain({"type": "bool", "strict": True}, plain({True: None}.__getitem__))


def _none(_schema: CoreSchema, _scope: Scope, _read: Read) -> Reading:
    return Reading({"NULL": _TRUE})


def _nullable(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    inner = read(schema["schema"], scope)
    if inner.whole is not None or "NULL" in inner.by_type:
        raise NotCompiledError("it may be None, or something that is not compiled itself")
    mixed = of_payloads(inner)
    # The payloads of BOOL and NULL are both true: those have to be told apart beforehand.
    if mixed is not None and "BOOL" not in mixed.types:
        check = nullable(mixed.types, mixed.check)
        tells_types = mixed.tells_types or len(mixed.types) == 1
        mixed = Mixed((*mixed.types, "NULL"), in_order(mixed.schema, _TRUE), check, tells_types)
    else:
        mixed = None
    return Reading({**inner.by_type, "NULL": _TRUE}, inner.checks, mixed, rare=inner.rare)


NULLS: Mapping[str, Callable[[CoreSchema, Scope, Read], Reading]] = {"none": _none, "nullable": _nullable}
