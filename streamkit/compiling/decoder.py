"""A type's core schema to what decodes images of it, if it can be compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.compiling.compiler import Compiler
from streamkit.compiling.selfcheck import check_constructs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamkit.compiling.compiler import Part
    from streamkit.compiling.readings import CoreSchema

__all__ = ["CompiledDecoder", "compiled_decoder"]


@dataclass(frozen=True)
class CompiledDecoder:
    """Decodes images, as far as it can be sure."""

    decode: Callable[[Any], Any]
    """Gives an image's value, the same as the reference's. Raises any exception where that is not sure."""
    parts: Sequence[Part]


def compiled_decoder(schema: CoreSchema) -> CompiledDecoder:
    """Return the decoder for the type whose core schema this is.

    Raises NotCompiledError for a type that is the reference's as a whole, and whatever pydantic raises for a schema
    that it does not take.
    """
    compiler = Compiler()
    decode = compiler.decoder(schema)
    check_constructs(compiler.kinds)
    return CompiledDecoder(decode, tuple(compiler.parts))
