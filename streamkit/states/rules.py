"""The members of pydantic's core schemas: those that change nothing in JSON, and those that make a rule."""

from __future__ import annotations

__all__ = ["HARMLESS", "HARMLESS_CONFIG", "RULES", "RULES_CONFIG"]

HARMLESS = frozenset(
    (
        "type",
        "ref",
        "metadata",
        "strict",
        "fail_fast",
        "frozen",
        "cls",
        "cls_name",
        "config",
        "slots",
        "generic_origin",
        "model_name",
        "dataclass_name",
        "validate_default",
        "copy_default",
        "collect_init_only",
        "computed_fields",
        "default",
        "default_factory",
        "total",
        "name",
        "init",
        "required",
        "default_factory_takes_data",
        "validation_alias",
        "serialization_alias",
        "kw_only",
        "extra_behavior",
        "init_only",
    )
)
"""Members of a schema that change nothing here."""

RULES = frozenset(
    (
        "ge",
        "gt",
        "le",
        "lt",
        "multiple_of",
        "min_length",
        "max_length",
        "pattern",
        "max_digits",
        "decimal_places",
        "strip_whitespace",
        "to_lower",
        "to_upper",
        "allow_inf_nan",
        "now_op",
        "now_utc_offset",
        "tz_constraint",
        "regex_engine",
        "coerce_numbers_to_str",
        "ascii_only",
        "version",
    )
)
"""Members of a schema that values may break."""

HARMLESS_CONFIG = frozenset(
    (
        "title",
        "strict",
        "extra_fields_behavior",
        "from_attributes",
        "populate_by_name",
        "loc_by_alias",
        "validate_by_name",
        "frozen",
        "validate_by_alias",
        "serialize_by_alias",
        "hide_input_in_errors",
        "validation_error_cause",
        "cache_strings",
        "validate_default",
        "revalidate_instances",
    )
)
"""Settings of a class that change nothing here."""

RULES_CONFIG = frozenset(
    (
        "allow_inf_nan",
        "str_strip_whitespace",
        "str_to_lower",
        "str_to_upper",
        "str_max_length",
        "str_min_length",
        "regex_engine",
        "coerce_numbers_to_str",
    )
)
"""Settings of a class that values may break."""
