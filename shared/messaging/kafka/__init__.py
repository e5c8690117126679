"""Apache Kafka as the bus, through kafka-python; nothing outside of this folder imports it."""

from shared.messaging.kafka.bus import KafkaBus

__all__ = ["KafkaBus"]
