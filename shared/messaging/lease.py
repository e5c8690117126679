"""The right of one process to do what only one may do at a time; knows the database's clock and no other."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from shared.kernel.ids import new_id

_HOLD = text("""
    INSERT INTO lease (name, holder, expires_at)
    VALUES (:name, :holder, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE lease.holder = excluded.holder OR lease.expires_at < clock_timestamp()
    RETURNING holder
""")
_RELEASE = text("DELETE FROM lease WHERE name = :name AND holder = :holder")


class Lease:
    """`name` for `seconds` at a time. Hold it on a connection in autocommit: who is stopped within a transaction would
    keep the row locked. It does not stop a holder that has overslept: what it guards must bear that."""

    def __init__(self, name: str, seconds: float) -> None:
        self._name, self._holder = name, new_id()
        self.seconds = seconds

    def hold(self, connection: Connection) -> bool:
        """Take it or keep it for its seconds from now on; False while another has it."""
        values = {"name": self._name, "holder": self._holder, "seconds": self.seconds}
        return connection.execute(_HOLD, values).first() is not None

    def release(self, connection: Connection) -> None:
        """Let the next one have it at once."""
        connection.execute(_RELEASE, {"name": self._name, "holder": self._holder})
