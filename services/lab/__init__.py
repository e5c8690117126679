"""Knows how to answer what another rule would cost, for a season's files: reads them, plans, compares; keeps nothing."""
