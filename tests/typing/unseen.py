"""What no type checker can see: both accept it, and it is refused at run time instead, in words."""

# pyright: strict

from typing import Any

from streamkit import Change, EventSourceMapping, Insert, Modify, Remove, stream_handler, tumbling_window
from tests.typing.models import Order, Revenue

ORDER = Order(id=1)


def the_names_of_fields_that_are_compared() -> None:
    """AttributeError: Order has no field 'totl'"""
    Modify(ORDER, ORDER).changed("totl")


def the_images_of_a_comparison_without_old_ones() -> None:
    """LookupError: has no old image"""
    Modify(ORDER, None).diff()


def the_record_of_an_event_that_was_made_by_hand() -> None:
    """LookupError: was made without a record"""
    _raw = Insert(ORDER).raw


def whether_an_event_made_by_hand_has_a_sequence_number() -> None:
    """KeyError: SequenceNumber"""
    _number = Remove(ORDER, raw={"dynamodb": {}}).meta.sequence_number


def what_a_list_holds() -> None:
    """HandlerDefinitionError: Order"""

    @stream_handler
    def handler(changes: list[Order]) -> None: ...


def whether_an_image_type_can_be_one() -> None:
    """HandlerDefinitionError: int"""

    @stream_handler
    def handler(change: Insert[int]) -> None: ...


def whether_a_second_parameter_is_the_context() -> None:
    """HandlerDefinitionError: exactly one parameter without a default"""

    @stream_handler
    def handler(change: Change[Order], lambda_context: Any) -> None: ...


def whether_a_third_parameter_of_a_fold_is_the_window() -> None:
    """HandlerDefinitionError: annotate it Window"""

    @tumbling_window(seconds=60)
    def fold(change: Insert[Order], state: Revenue, further: int) -> Revenue:
        return state


def whether_concurrency_is_of_use() -> None:
    """HandlerDefinitionError: concurrency is for async def"""

    @stream_handler(concurrency=3)
    def handler(change: Change[Order]) -> None: ...


def whether_a_setting_is_in_its_range() -> None:
    """ValidationError: 1 to 10000"""

    @stream_handler(batch_size=20_000)
    def handler(change: Change[Order]) -> None: ...


def whether_settings_go_together() -> None:
    """ValidationError: Parallelization factor must be equal to 1"""
    EventSourceMapping(tumbling_window_in_seconds=60, parallelization_factor=2)


def whether_a_first_state_is_of_the_states_type() -> None:
    """HandlerDefinitionError: initial"""

    @tumbling_window(seconds=60, initial="nothing")
    def fold(change: Insert[Order], state: Revenue) -> Revenue:
        return state


def whether_there_is_one_final_function_only() -> None:
    """HandlerDefinitionError: has a final function already"""

    @tumbling_window(seconds=60)
    def fold(change: Insert[Order], state: Revenue) -> Revenue:
        return state

    fold.final(lambda state, window: None)
    fold.final(lambda state, window: None)
