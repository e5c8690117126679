"""Amounts are written in yuan, and so is their limit told."""

import pytest

from services.dispatcher.intake.contracts import read_contract
from shared.http.problems import FieldsInvalid

CONTRACT = {
    "trip_id": "T-1",
    "contract_no": "HT-1",
    "charterer_id": "522732",
    "plate": "贵J12345",
    "plate_prefecture_code": "522700",
    "signed_on": "2020-02-23",
}


def test_the_most_is_taken_and_a_fen_more_is_told_the_limit() -> None:
    assert read_contract(CONTRACT | {"price_yuan": "10000000.00"}).price_fen == 10**9
    with pytest.raises(FieldsInvalid) as refused:
        read_contract(CONTRACT | {"price_yuan": "10000000.01"})
    assert "one charter costs at most 10,000,000.00 yuan" in str(refused.value.data["errors"])
