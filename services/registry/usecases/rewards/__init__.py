"""Rewards and benefits: rules put in force, lists made for those who pay, and what somebody may be entitled to."""
