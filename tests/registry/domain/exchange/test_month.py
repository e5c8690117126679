"""Which word on a month goes out: a helper's before a spell's, both before the other system's own."""

from services.registry.domain.exchange.fields import Field
from services.registry.domain.exchange.incoming import says_more
from services.registry.domain.exchange.month import Month, differs, ours, told, tracked

SPELL = Month(True, None, "E1", "441900")


def test_a_helper_s_record_goes_before_the_spell_and_the_spell_says_where() -> None:
    assert ours(tracked("same", None, None, "from_3000"), SPELL) == Month(
        True, "same", "E1", "441900", "from_3000"
    )
    assert ours(tracked("changed", "E2", "330500", None), SPELL) == Month(True, "changed", "E2", "330500")
    assert ours(tracked("looking", None, None, None), SPELL) == Month(False, "looking")
    assert ours(tracked("not_reached", None, None, None), SPELL) == Month(True, "not_reached", "E1", "441900")
    assert ours(None, SPELL) == SPELL
    assert ours(None, None) is None


def test_where_we_say_nothing_the_other_system_s_word_is_told() -> None:
    assert told(None, Month(True, "same", None, "441900", "from_2000", "某厂")) == {
        Field.EMPLOYED: "yes",
        Field.OUTCOME: "same",
        Field.AREA: "441900",
        Field.WAGE_BAND: "from_2000",
        Field.EMPLOYER: "某厂",
    }
    assert told(None, None) == {Field.EMPLOYED: "no"}


def test_what_contradicts_us_is_not_told() -> None:
    mine = Month(True, "same", "E1", "441900")
    assert told(mine, Month(False, "looking", wage_band="from_2000")) == told(mine, None)
    assert told(mine, Month(True, None, "E1", "441900", "from_2000"))[Field.WAGE_BAND] == "from_2000"


def test_two_words_differ_where_both_say_something_and_not_the_same() -> None:
    assert differs(SPELL, Month(False))
    assert differs(SPELL, Month(True, None, "E2", "441900"))
    assert not differs(SPELL, Month(True, "same", None, None, "from_2000"))


def test_a_line_says_more_where_it_would_change_what_we_tell() -> None:
    assert not says_more(SPELL, SPELL, None)
    assert not says_more(Month(False), None, None)
    assert not says_more(Month(True, None, "E1", "441900", employer="某厂"), SPELL, None)
    assert says_more(Month(True, "same", "E1", "441900"), SPELL, None)
    assert says_more(Month(False), SPELL, None)
    assert says_more(Month(True, employer="某厂"), Month(True), None)
    assert not says_more(Month(True, "same", "E1", "441900"), SPELL, Month(True, "same"))
