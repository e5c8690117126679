"""Papers whose figures disagree, or that show more of a person than they may, are not made."""

from dataclasses import replace

import pytest

from services.dispatcher.papers.content import FlagLine
from tests.dispatcher.papers.claim import claim_papers, with_name


@pytest.mark.parametrize("figure", ["computed_fen", "held_fen", "charter_fen"])
def test_a_form_whose_figure_is_not_the_sum_of_its_lines_is_refused_and_named(figure: str) -> None:
    papers = claim_papers()
    wrong = replace(papers.form, **{figure: getattr(papers.form, figure) + 1})
    with pytest.raises(ValueError, match=rf"{figure}: .* make them agree / .*请核对"):
        replace(papers, form=wrong)


def test_a_line_of_a_trip_without_a_sheet_is_refused() -> None:
    flag = FlagLine("F08", "阻断", "T-522732-20200301-001", "同一车牌")
    with pytest.raises(ValueError, match="T-522732-20200301-001"):
        replace(claim_papers(), flags=(flag,))


def test_a_name_that_is_not_masked_never_comes_onto_a_paper() -> None:
    with pytest.raises(ValueError, match=r"not masked.*未脱敏"):
        with_name(claim_papers(), "张三")


def test_no_more_than_the_last_four_of_an_id_or_account() -> None:
    papers = claim_papers()
    with pytest.raises(ValueError, match="后 4 位"):
        replace(papers.roster[0], id_tail="00371")
    with pytest.raises(ValueError, match="后 4 位"):
        replace(papers.form, account_tail="6217001234567890123")


def test_whoever_is_not_counted_is_told_why_and_nobody_else() -> None:
    counted, *_, absent = claim_papers().roster
    with pytest.raises(ValueError, match="why_not"):
        replace(absent, why_not="")
    with pytest.raises(ValueError, match="why_not"):
        replace(counted, why_not="无乘车记录")
