"""A round under other rules: priced again while one waits, or planned again by the planners that rounds ask."""
