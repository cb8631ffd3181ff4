"""The devices that a run has: how they are joined, what they can do, what fits into their memory."""
