"""The parts of `device_check.py`, the most valuable first."""

from dataclasses import dataclass, replace
from pathlib import Path

LIBRARY_PRODUCTS = "--xla_gpu_enable_triton_gemm=false"
RANDOM_ORDER = "--xla_gpu_deterministic_ops=false"  # the trainer asks for true
VOCABULARY = "119547"  # multilingual BERT's
SMALL = {
    "--size": "tiny",
    "--batch": "8",
    "--max_seq_length": "32",
    "--vocab_size": "1003",
    "--dtype": "float32",
    "--seconds": "0.1",
    "--steps": "4",
    "--gigabytes": "0.01",
    "--width": "128",
}
"""What `--smoke` replaces the values of options with."""
SMOKE_S = 600  # a CPU may be slow, and shared


@dataclass(frozen=True)
class Part:
    """A program of this folder or beside it, with the seconds that it may take."""

    name: str
    seconds: float
    command: tuple[str, ...]
    xla_flags: str = ""


def parts(carried: Path) -> list[Part]:
    """All parts. `carried` is what `carried.py` made."""
    reference, shards = str(carried / "reference.json"), str(carried / "instances")
    return [
        Part("environment", 60, ("device/environment.py", "--width", "8192", "--gigabytes", "4")),
        _step("ours 128 x 256", 120, "ours", "base", 128, 256, "--profile"),
        Part("parity and repeatability", 80, ("device/parity.py", "--reference", reference)),
        _step("transformers compiled 128 x 256", 120, "transformers, masked-only, compiled", "base", 128, 256),
        Part(
            "pretrain on shards 128 x 256",
            120,
            ("device/pretrain_on_shards.py", "--data", shards, "--size", "base", "--batch", "256", "--steps", "60"),
        ),
        _step("ours 512 x 64", 120, "ours", "base", 512, 64, "--profile"),
        _step("ours 512 x 64, attention by einsum", 120, "ours", "base", 512, 64, "--attention", "einsum"),
        _step("ours 128 x 256, attention by einsum", 120, "ours", "base", 128, 256, "--attention", "einsum"),
        _step("transformers compiled 512 x 64", 120, "transformers, masked-only, compiled", "base", 512, 64),
        _step("ours 128 x 256, sums in any order", 90, "ours", "base", 128, 256, xla_flags=RANDOM_ORDER),
        Part("parity, sums in any order", 80, ("device/parity.py", "--reference", reference), xla_flags=RANDOM_ORDER),
        _step("ours 128 x 256, no dropout", 90, "ours", "base", 128, 256, "--dropout", "0"),
        _step("ours 128 x 256, adamw", 90, "ours", "base", 128, 256, "--optimizer", "adamw"),
        _step("transformers 128 x 256", 60, "transformers, masked-only head", "base", 128, 256),
        _step("ours large 128 x 64", 120, "ours", "large", 128, 64),
        _step("ours 128 x 256, library products", 90, "ours", "base", 128, 256, xla_flags=LIBRARY_PRODUCTS),
        _step("transformers eager 128 x 256", 60, "transformers, masked-only, eager", "base", 128, 256),
    ]


def smoke_parts(carried: Path) -> list[Part]:
    """The parts with tiny sizes. Those that are the same program then, but for flags for a GPU's compiler, come once."""
    found: dict[tuple[str, ...], Part] = {}
    for part in parts(carried):
        command = _small(part.command)
        found.setdefault(command, replace(part, command=command, seconds=SMOKE_S))
    return list(found.values())


def _step(
    name: str, seconds: float, contender: str, size: str, length: int, batch: int, *more: str, xla_flags: str = ""
) -> Part:
    optimizer = () if "--optimizer" in more else ("--optimizer", "lamb")
    command = (
        *("training_step.py", "--contender", contender, "--size", size, "--max_seq_length", str(length)),
        *("--batch", str(batch), "--vocab_size", VOCABULARY, "--dtype", "bfloat16", "--seconds", "6"),
    )
    return Part(name, seconds, (*command, *optimizer, *more), xla_flags)


def _small(command: tuple[str, ...]) -> tuple[str, ...]:
    pairs = zip(command, ("", *command), strict=False)
    return tuple(SMALL.get(before, word) for word, before in pairs)
