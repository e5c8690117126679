"""A message as it lies on a bus: bytes and where they were read; knows nothing of what they mean."""

from dataclasses import dataclass

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """`partition` is Kafka's number, or on the embedded bus the peer whose outbox it lies in."""

    topic: str
    partition: str
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def coordinates(self) -> str:
        """For people: `zhida.requests/0@17`."""
        return f"{self.topic}/{self.partition}@{self.offset}"

    def header(self, name: str) -> str | None:
        """The last header of that name as text; None where there is none or it is not UTF-8."""
        for found, value in reversed(self.headers):
            if found == name:
                try:
                    return value.decode()
                except UnicodeDecodeError:
                    return None
        return None


def store_headers(headers: Headers) -> list[list[str]]:
    """Headers as JSON can hold them, any bytes kept: value in Latin-1."""
    return [[name, value.decode("latin-1")] for name, value in headers]


def load_headers(stored: list[list[str]]) -> Headers:
    """The inverse of `store_headers`."""
    return tuple((name, value.encode("latin-1")) for name, value in stored)
