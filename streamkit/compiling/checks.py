"""What is checked of an image that was read, written as the source of one Python function.

pydantic looks up a payload by its type and so does not see what else an attribute value holds, nor attributes that no
field asks for. The reference would: these checks do. They are most of what a compiled decoder does in Python, hence
straight code without calls. Each writes statements that raise where there is doubt, and may raise anything else.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from streamkit.compiling.doubts import DoubtError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Check", "Choice", "Code", "Each", "Function", "InPlaces", "Nullable", "OneOf", "Payload", "Payloads"]


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
            check.write(self, "value")

    def decoder(self, validate: Callable[[Any], Any], check: Check) -> Callable[[Any], Any]:
        """Write, and return, the function that validates an image, checks it and returns its value."""
        with self.block("def decode(image):"):
            self.line(f"value = {self.constant(validate)}(image)")
            check.write(self, "image")
            self.line("return value")
        exec(compile("\n".join(self._lines), "<streamkit>", "exec"), self.names)  # noqa: S102  # written here, by us
        decode: Callable[[Any], Any] = self.names["decode"]
        return decode


class Check(Protocol):
    """A check of a value: of an attribute value, or of a payload."""

    def write(self, code: Code, value: str) -> None:
        """Write the statements that check the value of this name."""
        ...


@dataclass(frozen=True)
class Function:
    """A function is called: one of ours, or one that is written by this name."""

    function: Callable[[Any], object] | str

    def write(self, code: Code, value: str) -> None:
        """Write the call."""
        name = self.function if isinstance(self.function, str) else code.constant(self.function)
        code.line(f"{name}({value})")


@dataclass(frozen=True)
class Payload:
    """The payload of one type is checked; a value of another type is in doubt."""

    type: str
    check: Check

    def write(self, code: Code, value: str) -> None:
        """Write the look-up and the check."""
        payload = code.variable()
        code.line(f"{payload} = {value}[{self.type!r}]")
        self.check.write(code, payload)


@dataclass(frozen=True)
class Payloads:
    """The payloads of some types are checked, in a value that has one type for sure."""

    checks: Mapping[str, Check]

    def write(self, code: Code, value: str) -> None:
        """Write a case for each type."""
        word = "if"
        for name, check in self.checks.items():
            with code.block(f"{word} {name!r} in {value}:"):
                Payload(name, check).write(code, value)
            word = "elif"


@dataclass(frozen=True)
class OneOf:
    """A value, of which it is not sure that it was read, is of one of these types."""

    types: Sequence[str]
    check: Check | None

    def write(self, code: Code, value: str) -> None:
        """Write the check of the type, and of the value."""
        if len(self.types) == 1:
            # Not `in`: a text is in no attribute value's place, and has no such method.
            code.doubt_if(f"{value}.get({self.types[0]!r}) is None")
        else:
            code.doubt_if(f"{value}.keys().isdisjoint({code.constant(tuple(self.types))})")
        if self.check is not None:
            self.check.write(code, value)


@dataclass(frozen=True)
class Nullable:
    """What became None was NULL, and no true under another type."""

    types: Sequence[str]
    check: Check | None

    def write(self, code: Code, value: str) -> None:
        """Write the check, and that of a value which is not NULL."""
        with code.block(f"if 'NULL' in {value}:"):
            code.doubt_if(f"{value}['NULL'] is not True")
        with code.block("else:"):
            payload = code.variable()
            if len(self.types) == 1:
                code.line(f"{payload} = {value}[{self.types[0]!r}]")
            else:
                code.line(f"({payload},) = {value}.values()")
            code.doubt_if(f"{payload} is True")
            if self.check is not None:
                self.check.write(code, value)


@dataclass(frozen=True)
class Each:
    """A payload is a list (or a map), each of whose attribute values has one type, and passes a check."""

    check: Check | None
    of_map: bool = False

    def write(self, code: Code, value: str) -> None:
        """Write the loop."""
        code.doubt_if(f"type({value}) is not {'dict' if self.of_map else 'list'}")
        element = code.variable()
        with code.block(f"for {element} in {value}{'.values()' if self.of_map else ''}:"):
            code.doubt_if(f"len({element}) != 1")
            if self.check is not None:
                self.check.write(code, element)


@dataclass(frozen=True)
class InPlaces:
    """A payload is a list, each of whose attribute values has one type, and passes the check of its place."""

    checks: Sequence[Check | None]

    def write(self, code: Code, value: str) -> None:
        """Write the loop, and the checks."""
        Each(None).write(code, value)
        for index, check in enumerate(self.checks):
            if check is not None:
                element = code.variable()
                code.line(f"{element} = {value}[{index}]")
                check.write(code, element)


@dataclass(frozen=True)
class Choice:
    """A payload is a map, which a text under one of some names tells how to check."""

    names: Sequence[str]
    checks: Mapping[Any, Check]

    def write(self, code: Code, value: str) -> None:
        """Write a case for each text."""
        text = code.variable()
        word = "if"
        for name in self.names:
            with code.block(f"{word} {name!r} in {value}:"):
                code.line(f"{text} = {value}[{name!r}]['S']")
            word = "elif"
        word = "if"
        for key, check in self.checks.items():
            with code.block(f"{word} {text} == {code.constant(getattr(key, 'value', key))}:"):
                check.write(code, value)
            word = "elif"
        with code.block("else:"):
            code.line("raise DoubtError")
