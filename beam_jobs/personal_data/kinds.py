"""The names of the kinds of personal data that can be found."""

KINDS = ("url", "email", "iban", "national_id", "phone")
"""In the order in which they are looked for: what belongs to an address of the web is nothing else."""
