"""Reads instance records back, checks them against the rules of the format, and counts what they hold."""
