"""How one kind of thing is counted and destroyed by age."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """Statements about those older than `:before`; `destroy` destroys `:limit` at a time, and may select how many it was.

    Where much that is old may not go, there are `passes` instead: each looks at the next `:limit` after `:age` and `:key`,
    destroys those that may go, and selects how many that was, where it has come to, and at how many it looked.
    """

    count: str
    destroy: str = ""
    passes: tuple[str, ...] = ()
