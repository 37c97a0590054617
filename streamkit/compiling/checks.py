"""What is checked of an image that was read, written as the source of one Python function.

pydantic looks up a payload by its type and so does not see what else an attribute value holds, nor attributes that no
field asks for. The reference would: these checks do. They are most of what a compiled decoder does in Python, hence
straight code without calls. Each writes statements that raise where there is doubt, and may raise anything else.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.compiling.doubts import DoubtError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Check", "Code", "called", "choice", "each", "in_places", "nullable", "one_of", "payload_of", "payloads_of"]

Check: TypeAlias = "Callable[[Code, str], None]"
"""Writes the statements that check a value, an attribute value or a payload, which has this name in the code.

Functions, not classes: making ten classes would take longer than to compile a type with them.
"""


class Code:
    """The source of functions that belong together, and what they name."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"DoubtError": DoubtError}
        self._lines: list[str] = []
        self._indent = 0
        self._count = 0

    def line(self, text: str) -> None:
        """Write a line."""
        self._lines.append("    " * self._indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write the head of a block; what is written inside of the context is in it."""
        self.line(head)
        self._indent += 1
        yield
        self._indent -= 1

    def doubt_if(self, condition: str) -> None:
        """Write that there is doubt under a condition."""
        with self.block(f"if {condition}:"):
            self.line("raise DoubtError")

    def variable(self) -> str:
        """Return a name that is not used yet."""
        self._count += 1
        return f"v{self._count}"

    def constant(self, value: Any) -> str:
        """Return a name for a value."""
        name = self.variable()
        self.names[name] = value
        return name

    def function(self, name: str, check: Check) -> None:
        """Write a function that checks its argument."""
        with self.block(f"def {name}(value):"):
            check(self, "value")

    def decoder(self, validate: Callable[[Any], Any], check: Check) -> Callable[[Any], Any]:
        """Write, and return, the function that validates an image, checks it and returns its value."""
        with self.block("def decode(image):"):
            self.line(f"value = {self.constant(validate)}(image)")
            check(self, "image")
            self.line("return value")
        exec(compile("\n".join(self._lines), "<streamkit>", "exec"), self.names)  # noqa: S102  # written here, by us
        decode: Callable[[Any], Any] = self.names["decode"]
        return decode


def called(name: str) -> Check:
    """Call the function that is written by this name."""
    return lambda code, value: code.line(f"{name}({value})")


def payload_of(name: str, check: Check) -> Check:
    """Check the payload of one type; a value of another type is in doubt."""

    def write(code: Code, value: str) -> None:
        payload = code.variable()
        code.line(f"{payload} = {value}[{name!r}]")
        check(code, payload)

    return write


def payloads_of(checks: Mapping[str, Check]) -> Check:
    """Check the payloads of some types, in a value that has one type for sure."""

    def write(code: Code, value: str) -> None:
        word = "if"
        for name, check in checks.items():
            with code.block(f"{word} {name!r} in {value}:"):
                payload_of(name, check)(code, value)
            word = "elif"

    return write


def one_of(types: Sequence[str], check: Check | None) -> Check:
    """Check that a value, of which it is not sure that it was read, is of one of these types; and the value."""

    def write(code: Code, value: str) -> None:
        if len(types) == 1:
            # Not `in`: a text is in no attribute value's place, and has no such method.
            code.doubt_if(f"{value}.get({types[0]!r}) is None")
        else:
            code.doubt_if(f"{value}.keys().isdisjoint({code.constant(tuple(types))})")
        if check is not None:
            check(code, value)

    return write


def nullable(types: Sequence[str], check: Check | None) -> Check:
    """Check that what became None was NULL, and no true under another type; and a value that is not NULL."""

    def write(code: Code, value: str) -> None:
        with code.block(f"if 'NULL' in {value}:"):
            code.doubt_if(f"{value}['NULL'] is not True")
        with code.block("else:"):
            payload = code.variable()
            if len(types) == 1:
                code.line(f"{payload} = {value}[{types[0]!r}]")
            else:
                code.line(f"({payload},) = {value}.values()")
            code.doubt_if(f"{payload} is True")
            if check is not None:
                check(code, value)

    return write


def each(check: Check | None, *, of_map: bool = False) -> Check:
    """Check that a payload is a list (or a map), each of whose attribute values has one type; and those values."""

    def write(code: Code, value: str) -> None:
        code.doubt_if(f"type({value}) is not {'dict' if of_map else 'list'}")
        element = code.variable()
        with code.block(f"for {element} in {value}{'.values()' if of_map else ''}:"):
            code.doubt_if(f"len({element}) != 1")
            if check is not None:
                check(code, element)

    return write


def in_places(checks: Sequence[Check | None]) -> Check:
    """Check that a payload is a list, each of whose attribute values has one type; and each as its place asks for."""

    def write(code: Code, value: str) -> None:
        each(None)(code, value)
        for index, check in enumerate(checks):
            if check is not None:
                element = code.variable()
                code.line(f"{element} = {value}[{index}]")
                check(code, element)

    return write


def choice(names: Sequence[str], checks: Mapping[Any, Check]) -> Check:
    """Check a payload that is a map in the way that a text under one of some names tells."""

    def write(code: Code, value: str) -> None:
        text = code.variable()
        word = "if"
        for name in names:
            with code.block(f"{word} {name!r} in {value}:"):
                code.line(f"{text} = {value}[{name!r}]['S']")
            word = "elif"
        word = "if"
        for key, check in checks.items():
            with code.block(f"{word} {text} == {code.constant(getattr(key, 'value', key))}:"):
                check(code, value)
            word = "elif"
        with code.block("else:"):
            code.line("raise DoubtError")

    return write
