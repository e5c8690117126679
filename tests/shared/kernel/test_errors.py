import pickle

from shared.kernel.errors import InvalidInput


class SeatsMissing(InvalidInput):
    """Coach {coach} has {seats} seats; give it at least 1."""

    zh = "车辆 {coach} 的座位数为 {seats}，至少应为 1。"


def test_the_docstring_is_the_message_and_the_name_is_the_code() -> None:
    error = SeatsMissing(coach="c55", seats=0)
    assert str(error) == "Coach c55 has 0 seats; give it at least 1."
    assert error.message("zh") == "车辆 c55 的座位数为 0，至少应为 1。"
    assert (error.code, error.seats) == ("seats-missing", 0)


def test_an_error_survives_the_way_back_from_a_worker_process() -> None:
    again = pickle.loads(pickle.dumps(SeatsMissing(coach="c55", seats=0)))
    assert again.data == {"coach": "c55", "seats": 0}
