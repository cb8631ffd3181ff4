import json
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).with_name("segmentation.py")


def run(*arguments):
    return subprocess.run([sys.executable, BENCHMARK, *arguments], capture_output=True, text=True, timeout=300)


def test_the_benchmark_counts_boundaries(tmp_path):
    paragraphs = [
        {"lang": "nb", "text": "Han kom. Hun gikk.", "sentences": ["Han kom.", "Hun gikk."]},  # found
        {"lang": "nb", "text": "Han kom, og Hun gikk.", "sentences": ["Han kom,", "og Hun gikk."]},  # missed
        {"lang": "nb", "text": "Han kom. Hun gikk.", "sentences": ["Han kom. Hun gikk."]},  # one too many
    ]
    gold = tmp_path / "nb_small.jsonl"
    gold.write_text("".join(json.dumps(row) + "\n" for row in paragraphs))
    done = run("--gold", tmp_path, "--challenge", gold, "--variants", "--passes", "1", "--size_mb", "0.1")
    assert done.returncode == 0, done.stderr
    header, first, second, mean, *_ = done.stdout.splitlines()
    assert "hard-wrapped" in header
    assert first.split()[:1] + first.split()[2:3] == ["nb_small", "0.5000"]
    assert second.split()[2:] == first.split()[2:]
    assert mean.split()[:3] == ["mean", "of", "1"]


def test_a_folder_without_gold_is_refused(tmp_path):
    done = run("--gold", tmp_path)
    assert done.returncode == 2
    assert "no .jsonl file" in done.stderr
