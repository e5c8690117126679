"""Rules of rewards in force, lists made by them, and what is known of whoever may be on one."""
