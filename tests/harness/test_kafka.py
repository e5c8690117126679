"""The broker of the tests is a real one: what it acknowledged outlives a kill -9, and its faults are explained."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from deploy.kafka import broker as broker_module
from deploy.kafka.broker import Broker, BrokerError
from shared.messaging.kafka.clients import ClosingSocket

pytestmark = pytest.mark.kafka
MESSAGES = 1_000


def make_topic(bootstrap: str, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, proxy_url=ClosingSocket.URL)
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    admin.close()


def produce(bootstrap: str, topic: str, values: list[bytes]) -> None:
    """Returns when the broker has acknowledged every one."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, proxy_url=ClosingSocket.URL)
    for sent in [producer.send(topic, value) for value in values]:
        sent.get(timeout=60)
    producer.close(timeout=10)


def consume(bootstrap: str, topic: str) -> list[bytes]:
    """Everything that the topic's only partition holds now."""
    partition = TopicPartition(topic, 0)
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        proxy_url=ClosingSocket.URL,
    )
    consumer.assign([partition])
    end = consumer.end_offsets([partition])[partition]
    values: list[bytes] = []
    while consumer.position(partition) < end:
        for records in consumer.poll(timeout_ms=1000).values():
            values += [record.value for record in records]
    consumer.close(autocommit=False, timeout_ms=2000)
    return values


def test_acknowledged_messages_outlive_a_kill_and_a_restart_on_the_same_address(tmp_path: Path) -> None:
    values = [b"%d" % number for number in range(MESSAGES)]
    with Broker(tmp_path) as broker:
        address = broker.bootstrap
        make_topic(address, "kept")
        produce(address, "kept", values)
        broker.kill()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", broker.port), timeout=1)
        broker.start()
        assert broker.bootstrap == address
        produce(address, "kept", [b"after"])
        assert consume(address, "kept") == [*values, b"after"]


class DeafAtFirst(Broker):
    """A broker whose first start serves no group, as Kafka's may after a kill -9."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.starts: list[int] = []

    def _can_join(self, deadline: float) -> bool:
        assert self.process is not None
        self.starts.append(self.process.pid)
        return len(self.starts) > 1 and super()._can_join(deadline)


def test_a_broker_in_which_no_group_can_be_joined_is_started_again(tmp_path: Path) -> None:
    with DeafAtFirst(tmp_path) as broker:
        first, second = broker.starts
        assert broker.process is not None
        assert broker.process.pid == second != first
        make_topic(broker.bootstrap, "after")


def test_all_groups_are_served_by_the_partition_that_the_start_has_tried(kafka: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka, proxy_url=ClosingSocket.URL)
    (offsets,) = admin.describe_topics(["__consumer_offsets"])
    admin.close()
    assert len(offsets["partitions"]) == 1


def test_two_tests_on_the_shared_broker_have_topics_of_their_own(kafka: str, topic_prefix: str) -> None:
    make_topic(kafka, f"{topic_prefix}events")
    produce(kafka, f"{topic_prefix}events", [b"mine"])
    assert consume(kafka, f"{topic_prefix}events") == [b"mine"]


def test_a_topic_that_nobody_declared_is_not_made(kafka: str, topic_prefix: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka, proxy_url=ClosingSocket.URL)
    admin.describe_topics([f"{topic_prefix}typo"])
    assert f"{topic_prefix}typo" not in admin.list_topics()
    admin.close()


def test_a_taken_port_is_named_with_its_mend(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=rf"port {port} is taken.*choose another"):
            Broker(tmp_path, port).start()


def test_a_missing_java_is_named_with_its_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerError, match=r"java is not installed.*apt-get install default-jre-headless"):
        Broker(tmp_path).start()


def test_a_broker_that_cannot_start_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "JAVA_MEMORY", ["-XX:NoSuchFlag=1"])
    broker = Broker(tmp_path)
    with pytest.raises(BrokerError, match="Unrecognized VM option 'NoSuchFlag=1'"):
        broker.start()
    assert broker.process is None


def test_the_foreground_broker_says_when_it_is_ready_and_ends_in_order_on_sigterm(tmp_path: Path) -> None:
    port = broker_module.find_free_port()
    command = [sys.executable, "-m", "deploy.kafka.broker", "--port", str(port), "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as foreground:
        assert foreground.stdout is not None
        try:
            assert f"ready at 127.0.0.1:{port}" in foreground.stdout.readline()
        finally:
            foreground.send_signal(signal.SIGTERM)
        assert "stopped" in foreground.stdout.read()
    assert foreground.returncode == 0
    assert broker_module.is_free(port)
