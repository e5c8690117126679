"""Ways out of the house: SMS, mail and webhooks behind one port; know nothing of trips or of a database."""
