"""A setting that a mapping does not have, or of another type."""

from streamkit import EventSourceMapping

EventSourceMapping(batchsize=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
EventSourceMapping(batch_size="10")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
EventSourceMapping(starting_position="AT_TIMESTAMP")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
EventSourceMapping(function_response_types="ReportBatchItemFailures")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
EventSourceMapping(destination_config={"OnFailure": "arn"})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
EventSourceMapping(metrics_config={"Metrics": ["ErrorCount"]})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
EventSourceMapping(10)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]


def a_mapping_is_frozen(mapping: EventSourceMapping) -> None:
    mapping.batch_size = 5  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def a_mapping_has_pythons_names_only(mapping: EventSourceMapping) -> None:
    mapping.BatchSize  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
