"""Reads the text of a compiled module (HLO): what devices send each other, and the cycles that the compiler counts.

Everything here is a function of the text. A module is a list of computations; the one marked ENTRY runs, and instructions such
as `while`, `fusion` and `call` name the computations that they run.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_KINDS = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute", "collective-broadcast")
_BYTES = {"pred": 1, "s4": 1, "u4": 1, "s8": 1, "u8": 1, "s16": 2, "u16": 2, "f16": 2, "bf16": 2}
_BYTES |= {"s32": 4, "u32": 4, "f32": 4, "s64": 8, "u64": 8, "f64": 8, "c64": 8, "c128": 16}
_HEADER = re.compile(r"(ENTRY )?%?([\w.\-]+) (?:\(.*)?\{$")
_INSTRUCTION = re.compile(r"\s+(?:ROOT )?%?[\w.\-]+ = (.*)")
_OPCODE = re.compile(r" ([a-z][a-z0-9\-]*)\(")
_ARRAY = re.compile(r"\b([a-z]+[0-9]*(?:e\dm\d\w*)?)\[([\d,]*)\]")
_CALLED = re.compile(r"\b(?:body|calls|to_apply|true_computation|false_computation)=%?([\w.\-]+)")
_BRANCHES = re.compile(r"\bbranch_computations=\{([^}]*)\}")
_CYCLES = re.compile(r'"estimated_cycles":"(\d+)"')
_TRIPS = re.compile(r'"known_trip_count":\{"n":"(\d+)"')
_CHANNEL = re.compile(r"\bchannel_id=(\d+)")
_GROUPS = re.compile(r"\breplica_groups=(?:\{\{([\d,]*)\}|\[\d+,(\d+)\]|mesh\[([^\]]*)\] \{([^}]*)\})")
_SCATTERING = (
    "all-reduce-scatter"  # the compiler of TPUs writes a reduce-scatter as an all-reduce in such a computation
)
_CONSTANT = re.compile(r"\bs32\[\][^ ]* constant\((\d+)\)")


@dataclass(frozen=True)
class Collective:
    """All exchanges of one kind between devices in one update, inside or outside of loops."""

    kind: str  # "all-reduce" and so on; "between slices" for what leaves a slice through the hosts' network
    in_loop: bool  # whether they run once per micro batch (or per round of another loop)
    count: int  # in one update, every round of a loop counted
    bytes: (
        int  # of their results, over the same exchanges; of a reduce-scatter, of what it adds up, as of an all-reduce
    )


@dataclass(frozen=True)
class _Instruction:
    opcode: str
    result: str  # the type of the result
    text: str


Computations = Mapping[str, list[_Instruction]]


def collectives(text: str, micro_batches: int = 1) -> tuple[Collective, ...]:
    """The exchanges of one update, those in loops first, the largest first.

    `micro_batches` is how often a loop runs whose text does not say it.
    """
    counts: Counter[tuple[str, bool]] = Counter()
    sizes: Counter[tuple[str, bool]] = Counter()
    computations, entry = _parse(text)
    channels: set[tuple[str, str]] = set()
    for instruction, rounds, in_loop, fused in _walk(computations, entry, micro_batches):
        kind = _kind(instruction)
        channel = _CHANNEL.search(instruction.text)
        if kind and fused and channel:  # one exchange that overlaps with several fusions stands in each of them
            if (kind, channel[1]) in channels:
                continue
            channels.add((kind, channel[1]))
        if kind:
            counts[kind, in_loop] += rounds
            sizes[kind, in_loop] += rounds * _result_bytes(instruction)
    found = [Collective(kind, in_loop, count, sizes[kind, in_loop]) for (kind, in_loop), count in counts.items()]
    return tuple(sorted(found, key=lambda one: (not one.in_loop, -one.bytes)))


def estimated_cycles(text: str, micro_batches: int = 1) -> int | None:
    """The cycles that the compiler of TPUs estimates for one update; None if it gives none, as for GPUs.

    It has no estimate for exchanges between devices, gathers, scatters and our own kernels, so the true figure is higher.
    """
    computations, entry = _parse(text)
    total = 0
    for instruction, rounds, _, fused in _walk(computations, entry, micro_batches):
        cycles = None if fused else _CYCLES.search(instruction.text)
        total += rounds * int(cycles[1]) if cycles else 0
    return total or None


def opcodes(text: str) -> Counter[str]:
    """How often each kind of instruction stands in the text, in whatever computation."""
    computations, _ = _parse(text)
    return Counter(instruction.opcode for lines in computations.values() for instruction in lines)


def _parse(text: str) -> tuple[dict[str, list[_Instruction]], str]:
    computations: dict[str, list[_Instruction]] = {}
    entry, current = "", ""
    for line in text.splitlines():
        header = _HEADER.match(line) if line.endswith("{") else None
        if header and not line.startswith((" ", "HloModule")):
            current = header[2]
            computations[current] = []
            entry = current if header[1] else entry
        elif current:
            instruction = _INSTRUCTION.match(line)
            opcode = _OPCODE.search(instruction[1]) if instruction else None
            if instruction and opcode:
                result = instruction[1][: opcode.start()]
                scatters = current.startswith(_SCATTERING) and opcode[1] == "all-reduce"
                computations[current].append(_Instruction("reduce-scatter" if scatters else opcode[1], result, line))
    return computations, entry


def _walk(
    computations: Computations,
    name: str,
    micro_batches: int,
    rounds: int = 1,
    in_loop: bool = False,
    fused: bool = False,
) -> Iterator[tuple[_Instruction, int, bool, bool]]:
    """Every instruction that runs, how often, whether in a loop, and whether within a fusion."""
    for instruction in computations.get(name, ()):
        yield instruction, rounds, in_loop, fused
        loop = instruction.opcode == "while"
        times = rounds * _trips(computations, instruction, micro_batches) if loop else rounds
        inner = _CALLED.findall(instruction.text)
        for branches in _BRANCHES.findall(instruction.text):
            inner += [branch.strip().lstrip("%") for branch in branches.split(",")]
        for called in inner:
            yield from _walk(
                computations, called, micro_batches, times, in_loop or loop, fused or instruction.opcode == "fusion"
            )


def _trips(computations: Computations, loop: _Instruction, micro_batches: int) -> int:
    known = _TRIPS.search(loop.text)
    if known:
        return int(known[1])
    condition = re.search(r"\bcondition=%?([\w.\-]+)", loop.text)
    lines = computations.get(condition[1], ()) if condition else ()
    limits = [limit[1] for line in lines for limit in [_CONSTANT.search(line.text)] if limit]
    return int(limits[0]) if len(limits) == 1 else micro_batches


def _kind(instruction: _Instruction) -> str:
    if instruction.opcode == "send" and "is_host_transfer=true" in instruction.text:
        return "between slices"
    opcode = instruction.opcode.removesuffix("-start")
    return opcode if opcode in _KINDS else ""


def _result_bytes(instruction: _Instruction) -> int:
    arrays = _ARRAY.findall(instruction.result)
    if instruction.opcode == "send" or (
        instruction.opcode.endswith("-start") and "all-reduce" not in instruction.opcode
    ):
        arrays = arrays[:1] if instruction.opcode == "send" else arrays[len(arrays) // 2 :]  # (operands, results)
    total = 0
    for dtype, sizes in arrays:
        elements = 1
        for size in sizes.split(","):
            elements *= int(size) if size else 1
        total += elements * _BYTES.get(dtype, 1)
    return total * _group_size(instruction.text) if " reduce-scatter(" in instruction.text else total


def _group_size(text: str) -> int:
    """The number of devices that exchange with each other; 1 if the text does not say it."""
    found = _GROUPS.search(text)
    if not found:
        return 1
    if found[1]:
        return len(found[1].split(","))
    if found[2]:
        return int(found[2])
    sizes = dict(re.findall(r"'(\w+)'=(\d+)", found[3] or ""))
    return math.prod(int(sizes.get(axis, 1)) for axis in re.findall(r"'(\w+)'", found[4] or ""))
