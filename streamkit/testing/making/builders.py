"""Which kind of schema is made by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.testing.making import containers, forms, numbers, records, texts, times

if TYPE_CHECKING:
    from streamkit.testing.making.walk import Build

__all__ = ["BUILDERS"]

BUILDERS: dict[str, Build] = {
    "any": forms.anything,
    "bool": numbers.boolean,
    "bytes": texts.binary,
    "call": containers.call,
    "chain": forms.chain,
    "counter": containers.mapping,
    "custom-error": forms.inner,
    "dataclass": records.model,
    "dataclass-args": records.dataclass_fields,
    "date": times.day,
    "datetime": times.moment,
    "decimal": numbers.decimal,
    "default": records.defaulted,
    "definition-ref": forms.reference,
    "definitions": forms.defined,
    "deque": containers.elements,
    "dict": containers.mapping,
    "enum": texts.members,
    "float": numbers.floating,
    "fraction": numbers.fraction,
    "frozendict": containers.mapping,
    "frozenset": containers.unlike,
    "function-after": forms.checked,
    "function-before": forms.checked,
    "function-plain": forms.plain_function,
    "function-wrap": forms.checked,
    "generator": containers.elements,
    "int": numbers.whole,
    "is-instance": forms.instance,
    "json": texts.document,
    "json-or-python": forms.either,
    "lax-or-strict": forms.either,
    "list": containers.elements,
    "literal": texts.listed,
    "model": records.model,
    "model-fields": records.model_fields,
    "multi-host-url": texts.many_addresses,
    "named-tuple": containers.named_tuple,
    "none": numbers.nothing,
    "nullable": forms.nullable,
    "ordered-dict": containers.mapping,
    "set": containers.unlike,
    "str": texts.text,
    "tagged-union": forms.tagged,
    "time": times.daytime,
    "timedelta": times.span,
    "tuple": containers.positions,
    "typed-dict": records.typed_dict,
    "union": forms.union,
    "url": texts.address,
    "uuid": texts.unique,
}
"""By the name that pydantic-core has for the kind; of the others DynamoDB has no values."""
