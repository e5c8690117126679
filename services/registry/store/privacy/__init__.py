"""What the law wants kept, shown, changed or destroyed, in every table that holds people: found by the tables' own columns."""
