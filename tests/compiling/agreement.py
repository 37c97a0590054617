"""The law of compiled decoders: what one gives is what the reference gives, and whatever it raises is doubt."""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from pydantic import TypeAdapter

from streamkit.attributes import deserialize_item
from streamkit.compiling.decoder import compiled_decoder
from tests.compiling.sameness import form, mutables, same

# For a long search: STREAMKIT_EXAMPLES=100000 pytest tests/compiling/test_agreement.py
IMAGES_WANTED = int(os.environ.get("STREAMKIT_EXAMPLES", "8000"))
# A long search is another one each time. Otherwise it is always the same: what it finds is no news to whoever changed
# something else.
_ALWAYS_THE_SAME = "STREAMKIT_EXAMPLES" not in os.environ


def search(images: int, *, of_a_type: int, **more: Any) -> settings:
    """Return the settings of a search that looks at so many images, so many of them of each type."""
    # The health checks are about examples that are small, quickly drawn and rarely rejected: types are none of that.
    common = {"suppress_health_check": list(HealthCheck), "derandomize": _ALWAYS_THE_SAME}
    return settings(max_examples=max(1, images // of_a_type), **{**common, **more})


class Decoding:
    """A type's compiled decoder beside the reference.

    Raises NotCompiledError for a type that cannot be compiled as a whole.
    """

    def __init__(self, adapter: TypeAdapter[Any]) -> None:
        self._adapter = adapter
        self.compiled = compiled_decoder(adapter.core_schema).decode

    def reference(self, image: Any) -> Any:
        """Return what an image is by definition."""
        return self._adapter.validate_python(deserialize_item(image))

    def problem(self, image: Any) -> str:
        """Say what the compiled decoder does with an image that it may not do; nothing if all is well."""
        before = repr(image)
        try:
            value = self.compiled(image)
        except Exception:  # noqa: BLE001  # whatever it is, it is doubt
            return "" if repr(image) == before else "it changes the image, and is in doubt"
        if repr(image) != before:
            return "it changes the image"
        try:
            expected = self.reference(image)
        except Exception as error:  # noqa: BLE001  # a validator may raise anything
            return f"compiled:  {_told(value)}\nreference: {_told(error)}"
        if not same(value, expected):
            return f"compiled:  {_told(value, expected)}\nreference: {_told(expected, value)}"
        if mutables(value).keys() & mutables(image).keys():
            return f"what it gives holds parts of the image itself: {_told(value)}"
        return self._shared(image, value)

    def _shared(self, image: Any, value: Any) -> str:
        again = self.compiled(image)
        common = len(_common(value, again))
        if common and common > len(_common(self.reference(image), self.reference(image))):
            return f"the values of two decodings have parts in common: {_told(value)}"
        return ""


def _common(one: Any, other: Any) -> set[int]:
    return mutables(one).keys() & mutables(other).keys()


def _told(value: Any, unlike: Any = None) -> str:
    try:
        return repr(value) if unlike is None or repr(value) != repr(unlike) else repr(form(value))
    except ValueError:  # an int too long to be written
        return f"some {type(value).__name__}"
