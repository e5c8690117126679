"""Measures Zhida on the machine at hand, beside what the machine itself can do; proves no behaviour, keeps nothing.

Every figure comes out of the run that prints it: the services' own parts on real PostgreSQL and Apache Kafka. A bench is a
module, or a folder, and its command in `commands`; nothing is imported here, since the planners' processes pass through.
"""
