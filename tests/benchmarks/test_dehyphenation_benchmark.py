import json
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).with_name("dehyphenation.py")


def test_the_benchmark_plants_and_scores(tmp_path):
    text = (
        "Oppmerksomheten i kommunene var interessant på alle måter, i nord- og sørlige deler, med e-post og e-post. "
        * 40
    )
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for _ in range(3)))
    command = [sys.executable, BENCHMARK, "--text", tmp_path / "a.jsonl", "--break_compounds"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    kinds = {line[:34].strip(): line for line in done.stdout.splitlines()[1:]}
    assert {"divided, line end", "divided, in the line", "hyphenated, line end", "real hyphens"} <= kinds.keys()
    assert "right 1.0000" in kinds["divided, line end"]
    assert done.stdout.splitlines()[-1].startswith("real hyphens lost: 0 of ")
