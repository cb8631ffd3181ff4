"""The table of docs/compiled.md is made by a script from the figures of `trainer plan compile`."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROW = {
    "plan": "mine",
    "phase": "128",
    "machine": "v5e:2x4",
    "device": "TPU v5e",
    "devices": 8,
    "batch": 2760,
    "micro_batches": 3,
    "bytes": 11_050_000_000,
    "estimated_bytes": 12_720_000_000,
    "collectives": [
        {"kind": "all-reduce", "in_loop": True, "count": 6, "bytes": 2_204_000_000},
        {"kind": "all-reduce", "in_loop": False, "count": 5, "bytes": 344_000_000},
    ],
    "milliseconds": 375.1,
    "mfu": 0.362,
}


def script():
    spec = importlib.util.spec_from_file_location("compiled_table", ROOT / "docs" / "compiled_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_line_for_each_phase_on_each_machine():
    lines = (
        script().table([ROW, {**ROW, "device": "H100", "devices": 1, "milliseconds": None, "mfu": None}]).splitlines()
    )
    assert lines[2] == "| mine, 128 | v5e:2x4 | 8 x 115 x 3 | 11.05 (12.72) | 2,204 | 344 | 375 | 36% |"
    assert lines[3] == "| mine, 128 | 1 x H100 | 1 x 920 x 3 | 11.05 (12.72) | 2,204 | 344 | - | - |"
