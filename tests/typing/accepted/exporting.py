"""An export is a text, and takes its options by name."""

# pyright: strict

from typing import assert_type

from streamkit import EventSourceMapping
from streamkit.deployment.exporting import ExportError, Tool, export, notes


def an_export_is_a_text_and_its_notes_are_texts() -> None:
    mapping = EventSourceMapping(starting_position="LATEST")
    assert_type(export("cloudformation", mapping), str)
    assert_type(export("sam", mapping, handler="app.handler", syntax="json", runtime="python3.13", timeout=5), str)
    assert_type(notes("cli", mapping, update=True), list[str])


def the_tool_may_be_a_variable(tool: Tool = "terraform") -> None:
    assert_type(export(tool, EventSourceMapping(), table_name="orders", everything=True), str)


def a_refusal_is_an_error_of_ours() -> None:
    try:
        export("iam", EventSourceMapping())
    except ExportError as error:
        assert_type(str(error), str)
