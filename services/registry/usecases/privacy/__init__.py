"""What is done with people's data because of the law: reveal, copy, erase, forget by age, and change of keys."""
