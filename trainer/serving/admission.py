"""How many requests, and how many of their bytes, are in work at once: what more comes is refused before it is read."""

from dataclasses import dataclass

_BYTES = 64 * 2**20  # of all requests in work; their texts take a few times that in memory


@dataclass
class Admission:
    """Counts what is in work. Used in one thread, that of the event loop."""

    max_requests: int
    max_bytes: int = _BYTES
    requests: int = 0
    bytes: int = 0

    def enter(self, size: int) -> bool:
        """Whether a request of so many bytes may be read; it must `leave` then, with the same size."""
        if self.requests >= self.max_requests or (self.requests and self.bytes + size > self.max_bytes):
            return False
        self.requests += 1
        self.bytes += size
        return True

    def leave(self, size: int) -> None:
        """A request is answered."""
        self.requests -= 1
        self.bytes -= size
