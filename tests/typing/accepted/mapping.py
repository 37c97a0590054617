"""The mapping's settings have Python's names and types."""

# pyright: strict

from typing import Any, assert_type

from streamkit import EventSourceMapping
from streamkit.settings import DestinationConfig, FilterCriteria, MetricsConfig, StartingPosition


def a_mapping_is_made_from_pythons_names() -> None:
    mapping = EventSourceMapping(batch_size=10, maximum_retry_attempts=2, starting_position="LATEST")
    assert_type(mapping, EventSourceMapping)
    assert_type(EventSourceMapping(), EventSourceMapping)


def a_mapping_is_made_from_awss_json() -> None:
    assert_type(EventSourceMapping.model_validate({"BatchSize": 10}), EventSourceMapping)
    assert_type(EventSourceMapping(batch_size=10).to_aws(), dict[str, Any])


def settings_have_types() -> None:
    mapping = EventSourceMapping()
    assert_type(mapping.event_source_arn, str | None)
    assert_type(mapping.starting_position, StartingPosition | None)
    assert_type((mapping.enabled, mapping.bisect_batch_on_function_error), tuple[bool, bool])
    assert_type((mapping.batch_size, mapping.parallelization_factor), tuple[int, int])
    assert_type(mapping.maximum_batching_window_in_seconds, int)
    assert_type((mapping.maximum_record_age_in_seconds, mapping.maximum_retry_attempts), tuple[int, int])
    assert_type(mapping.tumbling_window_in_seconds, int)
    assert_type(mapping.function_response_types, list[str])
    assert_type(mapping.destination_config, DestinationConfig)
    assert_type(mapping.filter_criteria, FilterCriteria | None)
    assert_type(mapping.metrics_config, MetricsConfig | None)
    assert_type(mapping.tags, dict[str, str] | None)


def what_follows_from_settings_has_types_too() -> None:
    mapping = EventSourceMapping()
    assert_type(mapping.reports_batch_item_failures, bool)
    assert_type(mapping.on_failure_destination, str | None)
    assert_type(mapping.settings(), dict[str, Any])
