"""Three aggregations of the same minutes of business, and why each window closed.

python -m examples.windows.demo
"""

from datetime import timedelta

from examples.windows.customers import published as by_customer
from examples.windows.customers import revenue_by_customer
from examples.windows.revenue import published as by_minute
from examples.windows.revenue import revenue
from examples.windows.shop import NOON, open_shop
from examples.windows.trail import published as parts
from examples.windows.trail import trail
from streamkit.local import LocalRunner


def main() -> None:
    print("1. Revenue per minute. It is 12:03:30, and nothing was sold since 12:02:50:\n")
    table = open_shop()
    runner = LocalRunner(revenue, table)
    runner.advance(seconds=(NOON + timedelta(seconds=210) - runner.clock.now()).total_seconds())
    print(*runner.windows, sep="\n")
    print("\n   Two minutes later:\n")
    runner.advance(minutes=2)
    print(*runner.windows, sep="\n")
    print()
    for (_, start), state in by_minute.items():
        print(f"{start:%H:%M}  {state.orders} orders  {state.total:>6}")

    print("\n2. Per customer, after the whole day:\n")
    LocalRunner(revenue_by_customer, open_shop()).run()
    for (_, start, name), one in by_customer.items():
        print(f"{start:%H:%M}  {name:<6}  {one.orders} orders  {one.total:>6}")

    print("\n3. Every order with its note of 300 kB: more than 1 MB in a minute, so that windows end early.\n")
    runner = LocalRunner(trail, open_shop(minutes=1, note="x" * 300_000))
    runner.run()
    print(*runner.windows, sep="\n")
    print()
    for (_, start, first), part in parts.items():
        more = "more follows" if part.more_follows else "the last part"
        print(f"{start:%H:%M}  from record {first} on: {len(part.orders)} orders, {more}")


if __name__ == "__main__":
    main()
