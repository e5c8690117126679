from hashlib import sha256

from shared.web.rendering import STATIC

VENDOR = STATIC / "vendor"


def test_the_notice_names_every_vendored_file_with_its_sum() -> None:
    notice = (VENDOR / "NOTICE").read_text().split("\n\n")[1:]
    listed = {block.split("\n")[0]: block.split("sha256")[1].strip() for block in notice}
    there = {
        str(file.relative_to(VENDOR)): sha256(file.read_bytes()).hexdigest()
        for file in VENDOR.rglob("*")
        if file.is_file() and not file.name.startswith(("NOTICE", "LICENSE"))
    }
    assert listed == there
    assert len(there) == 9


def test_every_licence_that_the_notice_names_is_there() -> None:
    for line in (VENDOR / "NOTICE").read_text().splitlines():
        if line.startswith("  licence"):
            assert (VENDOR / line.rsplit(", ", 1)[1]).is_file()
