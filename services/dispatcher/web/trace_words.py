"""How the links of a trace read on its page, in both languages."""

from services.dispatcher.money.books.words import KINDS
from services.dispatcher.web.claim_words import working_word
from services.dispatcher.web.words import payer_word
from shared.http import t

_KEYS = {
    "trip": ("车次", "trip"),
    "claim": ("补贴申报", "claim"),
    "transfer": ("台账分录", "ledger entry"),
    "voucher": ("记账凭证", "voucher"),
    "request": ("出行需求", "request"),
}
_VOUCHERS = {
    "bill": ("车次账单", "trip's bill"),
    "pay": ("支付", "payment"),
    "recover": ("追回入账", "recovery"),
    "allocate": KINDS["allocate"],
    "override": KINDS["override"],
}
_CUTS = {
    "clawback": ("追回，改由申报人承担", "Clawed back; its claimant bears it"),
    "refused": ("不予补贴，改由申报人承担", "Refused; its claimant bears it"),
    "lapsed": ("逾期未申报", "Lapsed unclaimed"),
}


def key_word(kind: str) -> str:
    """What a key names."""
    return t(*_KEYS[kind])


def voucher_word(act: str) -> str:
    """What was booked."""
    return t(*_VOUCHERS[act])


def step_word(what: str) -> str:
    """A step of a bill's or a claim line's arithmetic."""
    kind, _, of = what.partition(":")
    if kind == "cut":
        return t(*_CUTS[of])
    if kind == "payer":
        name = payer_word(of.removeprefix("payer:").rpartition(":")[0])
        return t(f"{name} 的部分", f"The part of {name}")
    return working_word(what)


def short(digest: str) -> str:
    """As much of a hash as tells two apart on a screen."""
    return f"{digest[:12]}…"


FILTERS = {word.__name__: word for word in (key_word, voucher_word, step_word, short)}
