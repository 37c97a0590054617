"""Numbers, instants and binary as text, put together by chance: no list has all that two readers may differ in."""

from tests.compiling.making import Maker, Value

_PIECES = ["0", "00", "5", "9", "12", "50", "999", "250", "0000000001", "123456789012345678", "9007199254740993"]
_EXPONENTS = ["", "", "", "e0", "E1", "e-2", "E+5", "e20", "e-330", "E308", "e+0010"]
_FRACTIONS = ["", ".5", ".123", ".123456", ".1234567", ".999999", ".9999999", ".000001", ",5", "."]
_ZONES = ["", "Z", "z", "+00:00", "-00:00", "+01:00", "-0130", "+23:59", "+24:00", "+01", "-05:30", " Z"]
# Around the number from which on pydantic takes seconds for milliseconds, and around the ends of the calendar.
_EPOCHS = [
    0,
    86_400,
    1_767_225_600,
    20_000_000_000,
    253_402_300_799,
    253_402_300_799_999,
    -62_135_596_800,
    -11_644_473_600,
]
_BASE64 = ["AA", "Y", "YQ", "=", "==", "YWJj", "/", "+", "-", "_", "\n", " ", "AAAA", "B=", "\u00e9"]


def number_text(maker: Maker) -> str:
    whole = "".join(maker.pick(_PIECES) for _ in range(maker.upto(2)))
    part = "".join(maker.pick(_PIECES) for _ in range(maker.upto(2)))
    point = "." if part or maker.once_in(8) else ""
    return f"{maker.pick(['', '', '-', '-', '+'])}{whole or ('' if part else '0')}{point}{part}{maker.pick(_EXPONENTS)}"


def free_number(maker: Maker) -> Value:
    return {"S" if maker.once_in(6) else "N": number_text(maker)}


def free_instant(maker: Maker) -> Value:
    if maker.once_in(3):
        epoch = maker.pick(_EPOCHS) * maker.pick([1, 1, -1, 1000]) + maker.upto(4) - 2
        return {"S" if maker.once_in(4) else "N": f"{epoch}{maker.pick(_FRACTIONS)}"}
    day = f"{maker.pick(['2026', '0001', '9999', '1969', '0000', '26'])}-{maker.upto(13):02}-{maker.upto(32):02}"
    if maker.once_in(4):
        return {"S": day}
    time = f"{maker.upto(24):02}:{maker.upto(60):02}"
    seconds = "" if maker.once_in(4) else f":{maker.upto(60):02}{maker.pick(_FRACTIONS)}"
    return {"S": f"{day}{maker.pick('T T_t')}{time}{seconds}{maker.pick(_ZONES)}"}


def free_binary(maker: Maker) -> Value:
    return {"B": "".join(maker.pick(_BASE64) for _ in range(maker.upto(4)))}


def free_uuid(maker: Maker) -> Value:
    digits = [
        maker.pick(["12345678", "-", "abcd", "ABCD", "1234", "{", "}", "urn:uuid:", "-1234"])
        for _ in range(maker.upto(7))
    ]
    return {"S": "".join(digits)}
