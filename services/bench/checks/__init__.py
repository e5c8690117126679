"""The bench of the sixteen checks: a season of invented claims with faults planted at known places, and what is found."""
