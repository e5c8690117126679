"""Rewards and benefits: what a rule says, what is known of a worker, what is earned and why not; knows no list and no payer."""
