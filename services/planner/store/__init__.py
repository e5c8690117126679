"""The planner's rows and the queries on them; the only place that knows SQL tables."""
