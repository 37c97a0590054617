"""Values and bodies that are odd: what JSON can say and nobody expects, and what is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import random

__all__ = ["GONE", "ODD_NUMBERS", "ODD_TEXTS", "broken_json", "fitting", "mutated", "odd", "text_of"]

GONE: Final = "arn:aws:dynamodb:us-east-2:123456789012:table/gone/stream/2026-01-01T00:00:00.000"
"""A stream that there is not."""

ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "\u202e\u2066",
    "\U0001f4a9" * 100,
    "x" * 5_000,
    "../../etc/passwd",
    "';DROP TABLE mappings;--",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "%s%n",
    "true",
    "null",
    "-1",
    "1e400",
    "\r\nX-Injected: yes",
    "<script>",
    "arn:aws:lambda:::function:",
    "arn:" * 50,
    ":" * 300,
)
ODD_NUMBERS = (
    0,
    -1,
    -(2**31) - 1,
    2**31,
    2**63,
    2**64,
    10**30,
    10**400,
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    float("-inf"),
)


def fitting(chance: random.Random, shape: Any, depth: int = 0) -> Any:
    """Return a value of a shape of AWS's, more or less."""
    match shape.type_name:
        case "structure":
            names = [name for name, one in shape.members.items() if one.serialization.get("location") is None]
            few = chance.sample(names, min(len(names), chance.randint(0, 4 if depth else 6)))
            return {name: fitting(chance, shape.members[name], depth + 1) for name in few}
        case "list":
            return [fitting(chance, shape.member, depth + 1) for _ in range(chance.randint(0, 3))]
        case "map":
            return {f"key {n}": fitting(chance, shape.value, depth + 1) for n in range(chance.randint(0, 3))}
        case "integer" | "long":
            return chance.randint(-5, 20_000)
        case "boolean":
            return chance.random() < 0.5
        case "timestamp":
            return chance.randint(0, 2**32)
    return chance.choice(shape.metadata.get("enum", ["text", '{"eventName": ["INSERT"]}', GONE]))


def odd(chance: random.Random, depth: int = 0) -> Any:
    """Return any JSON, and what only some take for JSON."""
    kinds = 4 if depth < 3 else 2
    match chance.randrange(kinds):
        case 0:
            return chance.choice(ODD_TEXTS)
        case 1:
            return chance.choice((*ODD_NUMBERS, None, True, False))
        case 2:
            return [odd(chance, depth + 1) for _ in range(chance.randint(0, 4))]
    return {chance.choice(ODD_TEXTS): odd(chance, depth + 1) for _ in range(chance.randint(0, 4))}


def mutated(chance: random.Random, value: Any) -> Any:
    """Return it with something in it made odd, at any depth."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        match chance.randrange(5):
            case 0:
                return {**value, chance.choice(ODD_TEXTS): odd(chance)}
            case 1:
                return {name.swapcase() if key == name else key: member for key, member in value.items()}
        return {**value, name: mutated(chance, value[name])}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], mutated(chance, value[place]), *value[place + 1 :]]
    return odd(chance)


def text_of(chance: random.Random, value: Any, *, refused: str = "") -> bytes:
    """Return a body. ``refused``: a member that nothing can take, behind all others: of two the last one counts."""
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    if refused:
        text = text[:-1] + (", " if value else "") + refused + "}"
    elif chance.random() < 0.2:
        # Some member twice.
        text = text.replace("{", '{"BatchSize": {}, ', 1)
    return text.encode("utf-8", "surrogatepass")


def broken_json(chance: random.Random) -> bytes:
    """Return a body that is no JSON, or none of the kind that is wanted."""
    whole = json.dumps({"FunctionName": "echo", "EventSourceArn": GONE, "BatchSize": 10}).encode()
    return chance.choice(
        (
            whole[: chance.randrange(len(whole))],
            whole + chance.choice((b"}", b"{}", b"\x00", b",", b"//")),
            b"[" * chance.choice((10, 1_000, 100_000)) + b"]" * chance.choice((0, 10, 100_000)),
            b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
            chance.choice((b"\xef\xbb\xbf", b"\xff\xfe")) + whole,
            whole.decode().encode(chance.choice(("utf-16", "utf-32", "utf-7"))),
            chance.randbytes(chance.randrange(1, 200)),
            b'{"BatchSize": ' + b"9" * chance.choice((20, 400, 5_000)) + b"}",
            b'{"BatchSize": 1e' + b"9" * chance.choice((2, 5, 400)) + b"}",
            whole.replace(b"echo", bytes([chance.randrange(128, 256)])),
            whole.replace(b'"', b"'"),
            chance.choice((b"", b" ", b"null", b"true", b"1", b'"text"', b"[]", b"NaN", b"{}", b"<xml/>", b"a=b&c=d")),
        )
    )
