"""Households: counted, seen one by one, and their tasks and plans."""
