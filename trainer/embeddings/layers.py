"""Which layers of a model are read."""

import re

from beam_jobs.errors import UserError

_PART = re.compile(r"(-?\d+)(?::(-?\d+))?")


def chosen_layers(text: str, layers: int) -> tuple[int, ...]:
    """The numbers of the layers that a user names, in the order in which they are named.

    Layer 0 is the output of the embeddings, as in transformers, and -1 is the last layer.

    Args:
        text: numbers and ranges with commas between, such as "-1", "0,6" or "-4:-1"; both ends of a range belong to it. Or
            "all", for the embeddings and every layer.
        layers: how many encoder layers the model has.

    Raises:
        UserError: for what is none of these, for a layer that the model has not, and for one that is named twice.
    """
    found: list[int] = []
    for part in [f"0:{layers}"] if text.strip() == "all" else text.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise UserError(f"--layers {text}: {part!r} is no layer; write -1, -4:-1, 0,6 or all")
        first, last = (_number(int(end), layers, text) for end in (match[1], match[2] or match[1]))
        if last < first:
            raise UserError(f"--layers {text}: {part} runs backwards; write the lower layer first")
        found += range(first, last + 1)
    for layer in found:
        if found.count(layer) > 1:
            raise UserError(f"--layers {text}: names layer {layer} twice; name it once")
    return tuple(found)


def _number(layer: int, layers: int, text: str) -> int:
    if not -layers - 1 <= layer <= layers:
        raise UserError(
            f"--layers {text}: there is no layer {layer}; the model has {layers}, and 0 for the embeddings: "
            f"name {-layers - 1} to {layers}"
        )
    return layer % (layers + 1)
