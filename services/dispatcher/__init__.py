"""The dispatcher: who rides which coach, and who pays.

Owns pools, rounds, trips, manifests and the ledger. Consumes requests, enterprises and hand-overs; publishes
what is pooled, unserved, published and cancelled. Knows people as request ids alone.
"""
