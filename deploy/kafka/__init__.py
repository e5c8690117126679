"""One real Apache Kafka broker on this machine: its jars, its settings, and the program that runs it."""
