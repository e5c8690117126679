"""Each test has a database of its own on one real server; another test's rows are never in it."""

import subprocess
import sys
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import create_engine, text


def plain(url: str) -> str:
    return url.replace("+psycopg", "", 1)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_starts_with_an_empty_database(database_url: str, turn: int) -> None:
    with psycopg.connect(plain(database_url)) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        )
        assert tables.fetchone() == (0,)
        connection.execute("CREATE TABLE left_behind (id integer)")


def test_two_databases_of_one_test_do_not_see_each_other(make_database: Callable[[str], str]) -> None:
    registry, dispatcher = make_database("registry"), make_database("dispatcher")
    with psycopg.connect(plain(registry)) as connection:
        connection.execute("CREATE TABLE request (id integer)")
    with psycopg.connect(plain(dispatcher)) as connection:
        assert connection.execute("SELECT to_regclass('request')").fetchone() == (None,)


def test_sqlalchemy_and_another_process_reach_the_same_database(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE seen AS SELECT 7 AS number"))
        assert connection.execute(text("SHOW server_version_num")).scalar_one() >= "180000"
        assert connection.execute(text("SHOW fsync")).scalar_one() == "on"
    engine.dispose()
    read = "import psycopg, sys; print(psycopg.connect(sys.argv[1]).execute('SELECT number FROM seen').fetchone()[0])"
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", read, plain(database_url)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert child.stdout.strip() == "7"
