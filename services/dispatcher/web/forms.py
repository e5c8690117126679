"""What the money's pages do with a refusal: show it beside what was typed, in the reader's language, with its mend."""

from collections.abc import Callable

from shared.http.problems import status_of
from shared.kernel.errors import NotFound, Unavailable, ZhidaError


def refusal_of(act: Callable[[], object]) -> ZhidaError | None:
    """Do it; why not, where a rule stands in the way or a part is away. What does not exist, and what is our own fault, is raised."""
    try:
        act()
    except NotFound:
        raise
    except ZhidaError as error:
        if status_of(error) >= 500 and not isinstance(error, Unavailable):
            raise
        return error
    return None
