"""Opens a link once: for the first device that asks, and for that device as often as its network needs."""

from sqlmodel import Session

from services.notifier.store import organisations
from shared.kernel.clock import Clock
from shared.kernel.errors import Gone
from shared.security import Link


class LinkUsed(Gone):
    """This link was opened on another device. Ask the sender for a new one; each device needs a link of its own."""

    zh = "此链接已在另一台设备上打开。请向发送方索取新链接，每台设备使用各自的链接。"


def open_link(session: Session, link: Link, device: str, clock: Clock) -> None:
    """Record that `device` opens `link`. A lost reply may be asked for again by the same device.

    Raises LinkUsed for another device.
    """
    first = organisations.open_once(
        session, link.jti, link.purpose, link.trip_id, device, opened_at=clock.now()
    )
    if first != device:
        raise LinkUsed()
