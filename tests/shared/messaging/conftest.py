"""The world of two services, on the embedded bus, on Apache Kafka, and on each in turn."""

import secrets
from collections.abc import Iterator, Mapping

import psycopg
import pytest

from shared.messaging.embedded import EmbeddedBus
from shared.messaging.kafka import KafkaBus
from tests.shared.messaging.world import World, make_tables, make_world


@pytest.fixture(scope="module")
def urls(postgres: str) -> Iterator[Mapping[str, str]]:
    """One pair of databases for a module's tests, each of which begins with empty tables: making and dropping
    databases for every test takes longer than the tests."""
    tag = secrets.token_hex(4)
    names = {service: f"{service}_{tag}" for service in ("registry", "dispatcher")}
    with psycopg.connect(postgres, autocommit=True) as server:
        for name in names.values():
            server.execute(f"CREATE DATABASE {name}")
        made = {
            service: postgres.replace("postgresql://", "postgresql+psycopg://", 1)
            .replace("postgres:@", "postgres@")
            .replace("/postgres?", f"/{name}?")
            for service, name in names.items()
        }
        make_tables(made)
        yield made
        for name in names.values():
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def world(request: pytest.FixtureRequest, urls: Mapping[str, str], topic_prefix: str) -> Iterator[World]:
    """The same tests on both buses."""
    if request.param == "embedded":
        bus: EmbeddedBus | KafkaBus = EmbeddedBus(urls)
    else:
        bus = KafkaBus(request.getfixturevalue("kafka"), prefix=topic_prefix)
    with make_world(urls, bus) as made:
        yield made


@pytest.fixture
def embedded_world(urls: Mapping[str, str]) -> Iterator[World]:
    with make_world(urls, EmbeddedBus(urls)) as made:
        yield made


@pytest.fixture
def kafka_world(kafka: str, urls: Mapping[str, str], topic_prefix: str) -> Iterator[World]:
    with make_world(urls, KafkaBus(kafka, prefix=topic_prefix)) as made:
        yield made
