"""A file that is sent bears its name, in whatever script."""

from urllib.parse import unquote

import pytest

from shared.http.attachment import XLSX, attachment, attachment_in_pieces


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("exchange-01HZ.xlsx", 'filename="exchange-01HZ.xlsx"'),
        ("奖补名单.xlsx", "filename*=UTF-8''%E5%A5%96%E8%A1%A5%E5%90%8D%E5%8D%95.xlsx"),
        ('a";\r\nX-Evil: b.csv', "filename*=UTF-8''a%22%3B%0D%0AX-Evil%3A%20b.csv"),
        ("a b/c.csv", "filename*=UTF-8''a%20b%2Fc.csv"),
    ],
)
def test_a_name_is_plain_where_it_can_be_and_encoded_where_not(name: str, named: str) -> None:
    for answer in (attachment(name, b"x", XLSX), attachment_in_pieces(name, iter([b"x"]), XLSX)):
        assert answer.headers["content-disposition"] == f"attachment; {named}"
        assert answer.media_type == XLSX
        assert unquote(named).endswith(name) or named.endswith(f'{name}"')
