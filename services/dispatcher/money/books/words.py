"""How the kinds of transfers read on pages, papers and terminals, in Chinese and English."""

from collections.abc import Mapping

from services.dispatcher.money.books.ledger import Kind

KINDS: Mapping[str, tuple[str, str]] = {
    Kind.ALLOCATE: ("下达预算", "budget"),
    Kind.OVERRIDE: ("授权超支", "override"),
    Kind.RESERVE: ("预留", "reserved"),
    Kind.COMMIT: ("签约锁定", "contracted"),
    Kind.SETTLE: ("结算", "settled"),
    Kind.RELEASE: ("释放", "released"),
    Kind.CORRECT: ("更正", "corrected"),
    Kind.PAY: ("支付", "paid"),
    Kind.RECOVER: ("追回", "recovered"),
}
