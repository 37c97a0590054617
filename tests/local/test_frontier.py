from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from streamkit.local.frontier import Frontier
from tests.local.builders import full

if TYPE_CHECKING:
    from collections.abc import Sequence


ONE, TWO, THREE, FOUR = (full(number) for number in range(1, 5))


def add(frontier: Frontier, read: Sequence[str], lanes: Sequence[Sequence[str]]) -> None:
    """Let records be read and given to lanes; without any, those that were taken back are given."""
    if read:
        frontier.read(read)
    frontier.give(lanes)


def test_what_is_read_is_unfinished_before_it_is_given_to_lanes() -> None:
    frontier = Frontier(1)
    frontier.read([ONE, TWO])
    assert frontier.advance() is None
    assert len(frontier) == 2
    frontier.give([[]])
    assert frontier.advance() == full(2)


def test_nothing_read_is_no_checkpoint() -> None:
    frontier = Frontier(2)
    assert frontier.advance() is None
    assert len(frontier) == 0
    assert not frontier


def test_the_checkpoint_is_the_last_record_before_the_lowest_unfinished_one() -> None:
    frontier = Frontier(2)
    add(frontier, [ONE, TWO, THREE, FOUR], [[ONE, FOUR], [TWO, THREE]])
    assert frontier.advance() is None
    frontier.finish(1, full(3))
    assert frontier.advance() is None
    frontier.finish(0, full(1))
    assert frontier.advance() == full(3)
    assert len(frontier) == 1
    frontier.finish(0, full(4))
    assert frontier.advance() == full(4)
    assert not frontier


def test_a_checkpoint_is_told_once() -> None:
    frontier = Frontier(1)
    add(frontier, [ONE, TWO], [[ONE, TWO]])
    frontier.finish(0, full(1))
    assert frontier.advance() == full(1)
    assert frontier.advance() is None


def test_what_no_lane_got_is_passed_over_as_soon_as_what_is_before_it_is_done() -> None:
    frontier = Frontier(1)
    add(frontier, [ONE, TWO, THREE], [[TWO]])
    assert frontier.advance() == full(1)
    frontier.finish(0, full(2))
    assert frontier.advance() == full(3)


def test_finishing_a_record_finishes_those_before_it_in_its_lane_and_in_no_other() -> None:
    frontier = Frontier(2)
    add(frontier, [ONE, TWO, THREE, FOUR], [[TWO, FOUR], [ONE, THREE]])
    frontier.finish(0, full(4))
    assert frontier.advance() is None
    frontier.finish(1, full(1))
    assert frontier.advance() == full(2)


def test_records_come_page_by_page() -> None:
    frontier = Frontier(2)
    add(frontier, [ONE, TWO], [[ONE], [TWO]])
    add(frontier, [THREE, FOUR], [[FOUR], [THREE]])
    frontier.finish(0, full(1))
    frontier.finish(1, full(3))
    assert frontier.advance() == full(3)


def test_what_is_taken_back_is_not_done_until_it_is_divided_again() -> None:
    frontier = Frontier(1)
    add(frontier, [ONE, TWO, THREE], [[ONE, TWO, THREE]])
    frontier.take_back(0, 2)
    frontier.hold([TWO, THREE])
    frontier.finish(0, full(1))
    assert frontier.advance() == full(1)
    assert len(frontier) == 2
    frontier.divide(2)
    assert frontier.advance() is None
    add(frontier, (), [[THREE], []])
    assert frontier.advance() == full(2)
    frontier.finish(0, full(3))
    assert frontier.advance() == full(3)


def test_what_is_taken_back_can_go_to_other_lanes() -> None:
    frontier = Frontier(1)
    add(frontier, [ONE, TWO, THREE], [[ONE, TWO, THREE]])
    frontier.take_back(0, 3)
    frontier.hold([ONE, TWO, THREE])
    frontier.divide(3)
    add(frontier, (), [[TWO], [ONE], [THREE]])
    frontier.finish(2, full(3))
    frontier.finish(0, full(2))
    assert frontier.advance() is None
    frontier.finish(1, full(1))
    assert frontier.advance() == full(3)


@dataclass
class Model:
    """Which records are read, and who has to do each: the same, written down plainly."""

    read: list[int] = field(default_factory=list)
    owner: dict[int, int] = field(default_factory=dict)
    """The lane of each record that is not done; -1 is: taken back, and not divided yet."""
    told: int = 0

    def checkpoint(self) -> int | None:
        last = next((number - 1 for number in self.read if number in self.owner), len(self.read))
        self.told, before = last, self.told
        return last if last > before else None


@example(lanes=1, moves=[("read", [0, 0]), ("take back", [0, 1]), ("finish", [0, 0])])
@given(
    st.integers(1, 4),
    st.lists(
        st.tuples(
            st.sampled_from(["read", "read", "finish", "finish", "take back", "divide", "divide otherwise"]),
            st.lists(st.integers(-1, 3), min_size=2, max_size=6),
        ),
        max_size=20,
    ),
)
def test_the_checkpoint_is_always_just_below_the_lowest_unfinished_record(
    lanes: int, moves: list[tuple[str, list[int]]]
) -> None:
    frontier, model = Frontier(lanes), Model()
    for move, numbers in moves:
        waiting = [number for number in model.read if model.owner.get(number) == -1]
        if move == "read" and not waiting:
            new = list(range(len(model.read) + 1, len(model.read) + 1 + len(numbers)))
            owners = {number: lane % lanes for number, lane in zip(new, numbers, strict=True) if lane >= 0}
            model.read += new
            model.owner |= owners
            add(frontier, [full(n) for n in new], _lanes(owners, lanes))
        elif move == "finish":
            lane, count = numbers[0] % lanes, numbers[1] + 1
            mine = [number for number, owner in model.owner.items() if owner == lane][:count]
            if mine:
                frontier.finish(lane, full(mine[-1]))
                model.owner = {number: owner for number, owner in model.owner.items() if number not in mine}
        elif move == "take back":
            lane, count = numbers[0] % lanes, numbers[1] + 1
            mine = [number for number, owner in model.owner.items() if owner == lane]
            back = mine[len(mine) - min(count, len(mine)) :]
            frontier.take_back(lane, len(back))
            model.owner |= dict.fromkeys(back, -1)
            unowned = sorted(number for number, owner in model.owner.items() if owner == -1)
            frontier.hold([full(one) for one in unowned])
        elif move.startswith("divide"):
            if move == "divide otherwise" and all(owner == -1 for owner in model.owner.values()):
                lanes = numbers[0] % 4 + 1
                frontier.divide(lanes)
            elif any(owner >= 0 for owner in model.owner.values()):
                continue
            owners = {number: number % lanes for number in sorted(waiting)}
            model.owner = dict(owners)
            add(frontier, (), _lanes(owners, lanes))
        told = model.checkpoint()
        assert frontier.advance() == (None if told is None else full(told))
        assert len(frontier) == len(model.read) - model.told


def _lanes(owners: dict[int, int], lanes: int) -> list[list[str]]:
    return [[full(number) for number, owner in owners.items() if owner == lane] for lane in range(lanes)]
