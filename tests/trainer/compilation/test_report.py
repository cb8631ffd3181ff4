import dataclasses

from trainer.compilation.compile_plan import CompiledPhase
from trainer.compilation.compile_step import CompiledStep
from trainer.compilation.hlo import Collective
from trainer.compilation.report import as_json, lines, padding_note
from trainer.compilation.tpu_slice import tpu_slice
from trainer.devices.memory import MemoryEstimate
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate

EXCHANGES = (
    Collective("all-reduce", in_loop=True, count=6, bytes=2_204_000_000),
    Collective("all-reduce", False, 5, 344_000_000),
)
STEP = CompiledStep(2_000_000_000, 9_000_000_000, 70_000_000, 11_070_000_000, EXCHANGES, 1e12, 376.0, 60.0)
PHASE = CompiledPhase(
    phase=Phase("128", 128, 2760, 10, LearningRate(1e-3)),
    machine=tpu_slice("v5e-8"),
    micro_batches=3,
    estimate=MemoryEstimate(2, 1, 1, 12_720_000_000),
    flops=214_000_000_000_000,
    step=STEP,
)


def test_the_figures_of_a_phase():
    text = "\n".join(lines(PHASE))
    for part in (
        "8 devices x 115 rows x 3 micro batches (a TPU pads 115 rows to 120)",
        "11.07 GB by the compiler (arguments 2.00, temporary 9.00, code 0.07), 12.72 GB by our estimate, of 16.0 GB",
        "214 T an update by our count, about 24 T by the compiler's",
        "6 x all-reduce in a loop, 2,204.0 MB an update",
        "5 x all-reduce outside of loops, 344.0 MB an update",
        "376 ms an update by the compiler's estimate, without exchanges, gathers, scatters and attention kernels: MFU 36%; not measured",
    ):
        assert part in text, text
    assert lines(PHASE)[-1] == (
        "phase 128: fits, 11.1 GB a device; 2,548 MB exchanged an update, 2,204 MB of it in a loop; about 376 ms an update, MFU 36%"
    )


def test_what_the_compiler_does_not_tell():
    step = dataclasses.replace(STEP, collectives=(), flops=None, milliseconds=None)
    text = "\n".join(lines(dataclasses.replace(PHASE, step=step)))
    assert "collectives  none" in text
    assert "the compiler tells none" in text
    assert "estimates none for GPUs" in text
    assert text.endswith("fits, 11.1 GB a device; nothing is exchanged")


def test_only_a_tpu_pads_rows():
    assert padding_note(115, tpu=True) == " (a TPU pads 115 rows to 120)"
    assert padding_note(120, tpu=True) == padding_note(115, tpu=False) == ""


def test_the_figures_as_plain_values():
    found = as_json(PHASE, "mine", "L12", [("jax", "1")])
    assert (found["plan"], found["device"], found["bytes"], found["mfu"]) == ("mine", "TPU v5e", 11_070_000_000, 0.3611)
    assert found["collectives"][0] == {"kind": "all-reduce", "in_loop": True, "count": 6, "bytes": 2_204_000_000}
    assert found["versions"] == {"jax": "1"}
