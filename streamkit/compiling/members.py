"""The members of pydantic's core schemas that are understood: whatever else a schema has, it is left to the reference.

Those of pydantic 2.11 and of all versions since that streamkit is tested with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamkit.compiling.doubts import NotCompiledError

if TYPE_CHECKING:
    from streamkit.compiling.readings import CoreSchema

__all__ = ["check_config", "check_members", "has_settings"]

# Of every schema: they do not change how it validates.
_ANYWHERE = frozenset({"type", "ref", "metadata", "serialization"})

_COMPARED = frozenset({"ge", "gt", "le", "lt"})
_SIZED = frozenset({"min_length", "max_length"})
_FIELD = frozenset(
    {
        "schema",
        "validation_alias",
        "serialization_alias",
        "serialization_exclude",
        "serialization_exclude_if",
        "frozen",
    }
)

_KNOWN = {
    "any": frozenset[str](),
    "none": frozenset[str](),
    "str": _SIZED
    | {"strict", "pattern", "strip_whitespace", "to_lower", "to_upper", "regex_engine", "coerce_numbers_to_str"},
    "int": _COMPARED | {"strict", "multiple_of"},
    "float": _COMPARED | {"strict", "multiple_of", "allow_inf_nan"},
    "decimal": _COMPARED | {"strict", "multiple_of", "allow_inf_nan", "max_digits", "decimal_places"},
    "bool": frozenset({"strict"}),
    "bytes": _SIZED | {"strict"},
    "datetime": _COMPARED | {"strict", "now_op", "tz_constraint", "now_utc_offset", "microseconds_precision"},
    "date": _COMPARED | {"strict", "now_op", "now_utc_offset"},
    "time": _COMPARED | {"strict", "tz_constraint", "microseconds_precision"},
    "timedelta": _COMPARED | {"strict", "microseconds_precision"},
    "uuid": frozenset({"strict", "version"}),
    "literal": frozenset({"expected"}),
    "enum": frozenset({"cls", "members", "sub_type", "missing", "strict"}),
    "nullable": frozenset({"schema", "strict"}),
    "default": frozenset(
        {
            "schema",
            "default",
            "default_factory",
            "default_factory_takes_data",
            "on_error",
            "validate_default",
            "copy_default",
            "strict",
        }
    ),
    "function-after": frozenset({"schema", "function"}),
    "list": _SIZED | {"items_schema", "strict", "fail_fast"},
    "set": _SIZED | {"items_schema", "strict", "fail_fast"},
    "frozenset": _SIZED | {"items_schema", "strict", "fail_fast"},
    "tuple": _SIZED | {"items_schema", "variadic_item_index", "strict", "fail_fast"},
    "dict": _SIZED | {"keys_schema", "values_schema", "strict", "fail_fast"},
    "model": frozenset(
        {
            "cls",
            "schema",
            "config",
            "custom_init",
            "root_model",
            "post_init",
            "generic_origin",
            "revalidate_instances",
            "strict",
            "frozen",
        }
    ),
    "model-fields": frozenset({"fields", "model_name", "computed_fields", "strict", "extra_behavior", "extras_schema"}),
    "model-field": _FIELD,
    "dataclass": frozenset(
        {
            "cls",
            "schema",
            "config",
            "fields",
            "post_init",
            "generic_origin",
            "revalidate_instances",
            "strict",
            "frozen",
            "slots",
        }
    ),
    "dataclass-args": frozenset({"dataclass_name", "fields", "computed_fields", "collect_init_only", "extra_behavior"}),
    "dataclass-field": _FIELD | {"name", "kw_only", "init", "init_only"},
    "typed-dict": frozenset(
        {
            "cls",
            "cls_name",
            "fields",
            "config",
            "computed_fields",
            "strict",
            "extra_behavior",
            "extras_schema",
            "total",
        }
    ),
    "typed-dict-field": _FIELD | {"required"},
    "tagged-union": frozenset({"choices", "discriminator", "from_attributes", "strict"}),
    "definitions": frozenset({"schema", "definitions"}),
    "definition-ref": frozenset({"schema_ref"}),
}

# Settings of a class that say how its instances are, and those that say how the values in them are read.
_OF_INSTANCES = frozenset(
    {
        "title",
        "serialize_by_alias",
        "loc_by_alias",
        "frozen",
        "revalidate_instances",
        "hide_input_in_errors",
        "validation_error_cause",
        "cache_strings",
        "ser_json_bytes",
        "ser_json_timedelta",
        "ser_json_temporal",
        "ser_json_inf_nan",
    }
)
_OF_VALUES = frozenset(
    {
        "extra_fields_behavior",
        "from_attributes",
        "populate_by_name",
        "validate_by_name",
        "validate_by_alias",
        "strict",
        "validate_default",
        "url_preserve_empty_path",
        "allow_inf_nan",
        "str_strip_whitespace",
        "str_to_lower",
        "str_to_upper",
        "str_max_length",
        "str_min_length",
        "regex_engine",
        "coerce_numbers_to_str",
        "val_json_bytes",
        "val_temporal_unit",
    }
)


def check_members(schema: CoreSchema) -> None:
    """Raise NotCompiledError for a schema of an unknown type, or one with members that are not understood."""
    kind = schema["type"]
    if kind not in _KNOWN:
        raise NotCompiledError(_REASONS.get(kind, f"pydantic reads it by a schema of the type {kind!r}"))
    unknown = schema.keys() - _KNOWN[kind] - _ANYWHERE
    if unknown:
        raise NotCompiledError(f"its schema has members that are not known here: {', '.join(sorted(unknown))}")


def check_config(config: CoreSchema) -> None:
    """Raise NotCompiledError for settings of a class that are not understood."""
    unknown = config.keys() - _OF_INSTANCES - _OF_VALUES
    if unknown:
        raise NotCompiledError(f"its configuration has settings that are not known here: {', '.join(sorted(unknown))}")


def has_settings(schema: Any) -> bool:
    """Whether there is a class in a schema that says how the values in it are read."""
    if isinstance(schema, Mapping):
        config = schema.get("config")
        if isinstance(config, Mapping) and config.keys() - _OF_INSTANCES:
            return True
        return any(map(has_settings, schema.values()))
    return isinstance(schema, list | tuple) and any(map(has_settings, schema))


_REASONS = {
    "union": "a union without a discriminator: which of its members fits is the reference's to find out",
    "function-before": "a validator that runs before it is given the attribute as a Python value",
    "function-wrap": "a validator that wraps it is given the attribute as a Python value",
    "function-plain": "a validator that stands in its place is given the attribute as a Python value",
}
