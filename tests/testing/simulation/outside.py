"""A module of the user's, beside the one with the handler."""

rows: list[str] = []
hidden: dict[str, int] = {}
limit = 3


class Store:
    def count(self) -> int:
        return hidden.get("count", 0)


class Base:
    """Nothing of it is read."""


store = Store()


def number_of_rows() -> int:
    return len(rows)
