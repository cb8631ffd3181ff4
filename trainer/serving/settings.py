"""The settings of `trainer serve`."""

from dataclasses import dataclass, field

from beam_jobs.errors import Problems, raise_first
from trainer.embeddings.settings import PIECE, WORD, EmbedSettings

EMBED, PREDICT, ANSWER, FILL_MASK = "embed", "predict", "answer", "fill_mask"
ABILITIES = (EMBED, PREDICT, ANSWER, FILL_MASK)
"""What a model can be served for; which of these, follows from what it has."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class ServeSettings:
    """One server; see `trainer serve --help`."""

    model: str
    host: str = "127.0.0.1"
    port: int = 8000  # 0: any that is free
    abilities: tuple[str, ...] = ()  # of ABILITIES; empty: all that the model has
    max_batch_tokens: int = 16384  # pieces of one batch, padding included
    max_queue: int = 512  # rows that wait at most, and requests that are in work at most
    max_texts: int = 256  # of one request
    max_body: int = 2_000_000  # bytes of one request
    api_key_env: str = ""  # the environment variable that holds the key; empty: no key is asked
    embed: EmbedSettings = field(default_factory=EmbedSettings)

    @property
    def local(self) -> bool:
        """Whether programs of this machine only can reach the server."""
        return self.host in LOOPBACK

    def problems(self) -> Problems:
        """Each setting that cannot be meant, with its remedy."""
        if not self.host:
            yield "host", "is empty; 127.0.0.1 is this machine only, 0.0.0.0 is every network"
        if not 0 <= self.port < 65536:
            yield "port", f"is {self.port}: must lie between 0 (any that is free) and 65535"
        for name in self.abilities:
            if name not in ABILITIES:
                yield "only", f"names {name!r}; name some of {', '.join(ABILITIES)}"
        for name in ("max_batch_tokens", "max_queue", "max_texts"):
            if getattr(self, name) < 1:
                yield name, f"is {getattr(self, name)}: must be at least 1"
        if self.max_body < 1000:
            yield "max_body", f"is {self.max_body} bytes: a request needs more; 2000000 is the default"
        if self.embed.unit in (WORD, PIECE):
            yield "pooling", f"gives a vector for each {self.embed.unit}; a server gives one for each text: pool"

    def validate(self) -> None:
        """Raise UserError for the first problem."""
        raise_first(self.problems(), "--")
        self.embed.validate()
