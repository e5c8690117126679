"""A rule's refusal is shown; what does not exist, and what is our own fault, is not made a remark on a form."""

import pytest

from services.dispatcher.web.forms import refusal_of
from shared.kernel.errors import Conflict, NotFound, Unavailable, ZhidaError


def raising(error: Exception) -> None:
    raise error


def test_a_rule_or_a_part_that_is_away_is_told() -> None:
    assert refusal_of(lambda: None) is None
    for error in (Conflict(), Unavailable()):
        assert refusal_of(lambda error=error: raising(error)) is error  # type: ignore[misc]


@pytest.mark.parametrize("error", [NotFound(), ZhidaError(), ValueError()])
def test_whatever_else_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        refusal_of(lambda: raising(error))
