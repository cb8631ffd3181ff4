"""MB/s per CPU second of the vocabulary job and of its stages, and its memory, on text whose vocabulary grows.

    .venv/bin/python tests/benchmarks/vocabulary.py --mb 200 [--mb 600] [--against CHECKOUT]

The text is made up. The number of its distinct words grows with its size as in natural text: after n words there are
about K * n**b distinct ones (Heaps' law); --heaps_exponent is b. Words are spelt in syllables, the frequent ones short,
and a part of them has a capital or punctuation. With --text, a file of text is measured instead.

The whole job is a process of its own, with its workers. CPU seconds are user + system time of all of them; the peaks of
memory are those of the largest worker and of the process that was started, sampled 20 times a second from /proc. With
--against, another checkout does the same job on the same text, and whether both vocabularies are equal is printed. The
stages run in one process pinned to one core. The machine may be shared: compare figures of one run only.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

SYLLABLES = [
    c + v for c in ["b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "sk"] for v in "aeiouåøæ"
]
TOKENS_AT_ONCE, TOKENS_OF_DOCUMENT = 1 << 19, 512


def main() -> None:
    """Make the texts, run the job and its stages on each, and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, action="append", help="size of the text; repeatable (default: 200)")
    parser.add_argument("--heaps_exponent", type=float, default=0.65, help="0.5 to 0.8 in natural text (default: 0.65)")
    parser.add_argument("--text", help="a file that the segment job can read, instead of made-up text")
    parser.add_argument("--vocab_size", type=int, action="append", help="repeatable (default: 32000)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes of the whole job (default: 2)")
    parser.add_argument("--against", help="the folder of another checkout, to run the whole job with as well")
    parser.add_argument("--folder", help="keep text and outputs here, and use the texts that are there already")
    parser.add_argument("--skip_stages", action="store_true")
    parser.add_argument("--stages_of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stages_of:
        _measure_stages(Path(options.stages_of), options.vocab_size or [32_000])
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.folder or temporary)
        texts = [Path(options.text)] if options.text else [
            _text(folder, mb, options.heaps_exponent) for mb in options.mb or [200]
        ]  # fmt: skip
        for text in texts:
            print(f"{text.name}: {text.stat().st_size / 1e6:.1f} MB", flush=True)
            _print_jobs(text, folder, options)
            if not options.skip_stages:
                sizes = [f"--vocab_size={size}" for size in options.vocab_size or [32_000]]
                _run_pinned([sys.executable, __file__, "--stages_of", str(text), *sizes])


def documents(megabytes: float, heaps_exponent: float) -> Iterator[str]:
    """Made-up documents of `TOKENS_OF_DOCUMENT` words each, about so many megabytes of them.

    Ranks of words follow the law of Zipf and Mandelbrot, whose exponent 1 / b gives Heaps' law with exponent b.
    """
    random, power, made = np.random.default_rng(1), 1 / (1 / heaps_exponent - 1), 0
    while made < megabytes * 1e6:
        ranks = np.minimum(40 * (random.random(TOKENS_AT_ONCE) ** -power - 1), 2.0**40).astype(np.int64)
        forms = np.searchsorted([0.06, 0.1, 0.18], random.random(TOKENS_AT_ONCE))
        distinct, places = np.unique(ranks * 4 + forms, return_inverse=True)
        tokens = np.array([_spell(key >> 2, key & 3) for key in distinct.tolist()], object)[places].tolist()
        for start in range(0, TOKENS_AT_ONCE, TOKENS_OF_DOCUMENT):
            text = " ".join(tokens[start : start + TOKENS_OF_DOCUMENT])
            made += len(text.encode())
            yield text


def _spell(rank: int, form: int) -> str:
    word = ""
    rank += 1
    while rank:
        rank -= 1
        word = SYLLABLES[rank % len(SYLLABLES)] + word
        rank //= len(SYLLABLES)
    return (f"{word}.", f"{word},", word.capitalize(), word)[form]


def _text(folder: Path, megabytes: float, heaps_exponent: float) -> Path:
    path = folder / f"text-{megabytes:g}-{heaps_exponent:g}.jsonl"
    if not path.exists():
        with path.open("w") as file:
            for text in documents(megabytes, heaps_exponent):
                file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    return path


def _print_jobs(text: Path, folder: Path, options: argparse.Namespace) -> None:
    checkouts = {"the whole job": ROOT, **({"the other checkout": Path(options.against)} if options.against else {})}
    print(f"{'':<28}{'pieces':>9}{'CPU s':>8}{'MB/s':>8}{'driver MB':>11}{'worker MB':>11}")
    for size in options.vocab_size or [32_000]:
        vocabularies = []
        for name, root in checkouts.items():
            output = Path(tempfile.mkdtemp(dir=folder))
            command = [
                sys.executable,
                "-m",
                "beam_jobs",
                "vocabulary",
                "--input",
                str(text),
                "--output",
                str(output / "out"),
            ]
            command += ["--vocab_size", str(size), f"--direct_num_workers={options.workers}"]
            cpu, driver, worker = _run_watched(command, root)
            stats = json.loads((output / "out" / "corpus_stats.json").read_text())
            rate = stats["bytes_in"] / 1e6 / cpu
            print(
                f"{name:<28}{stats['pieces_learned']:>9,}{cpu:>8.1f}{rate:>8.1f}{driver:>11.0f}{worker:>11.0f}",
                flush=True,
            )
            vocabularies.append((output / "out" / "vocab.txt").read_bytes())
        print(f"{stats['words']:,} words, {stats['distinct_words']:,} distinct")
        if len(vocabularies) == 2:
            print("both vocabularies are equal" if vocabularies[0] == vocabularies[1] else "THE VOCABULARIES DIFFER")


def _run_watched(command: list[str], root: Path) -> tuple[float, float, float]:
    """CPU seconds of a command with its children; peak MB of the process itself, and of its largest child."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL)
    peaks: dict[int, float] = {}
    while process.poll() is None:
        for pid in _tree(process.pid):
            peaks[pid] = max(peaks.get(pid, 0), _peak_mb(pid))
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, peaks.pop(process.pid), max(peaks.values(), default=0)


def _tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        threads = [path.name for path in Path(f"/proc/{pid}/task").iterdir()]
        children += [
            c for t in threads if t != str(pid) for c in Path(f"/proc/{pid}/task/{t}/children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(process for child in children for process in _tree(int(child)))]


def _peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), 0.0)


def _measure_stages(text: Path, vocab_sizes: list[int]) -> None:
    """Count, add up and learn, in this process and with warm kernels."""
    from beam_jobs.documents.read_documents import read_documents
    from beam_jobs.faults.source_faults import SourceFaults
    from beam_jobs.inputs.plan_file import read_plan, write_plan
    from beam_jobs.jobs.vocabulary.add_counts import add_counts
    from beam_jobs.jobs.vocabulary.count_words import count_words
    from beam_jobs.jobs.vocabulary.counts_file import PARTITIONS, STEP
    from beam_jobs.jobs.vocabulary.finish import all_words
    from beam_jobs.jobs.vocabulary.job import open_vocabulary_job
    from beam_jobs.settings import VocabularySettings
    from beam_jobs.text.normalise import normalise
    from beam_jobs.tokenizer.piece_counts import count_pieces
    from vocab.learning.learn import learn_wordpiece
    from vocab.learning.word_list import WordList

    size = text.stat().st_size / 1e6

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        result = work()
        cpu = time.process_time() - began
        print(
            f"{name:<37}{cpu:>8.1f}{size / cpu:>8.1f}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:>11.0f}"
        )
        return result

    with tempfile.TemporaryDirectory() as folder:
        job, items = open_vocabulary_job(VocabularySettings((str(text),), folder), 0.0)
        lines = write_plan(items, folder, STEP)
        count_words(lines[0], job)
        job, items = open_vocabulary_job(VocabularySettings((str(text),), f"{folder}/out"), 0.0)
        lines = write_plan(items, job.output, STEP)

        def read(change: Callable[[str], str]) -> None:
            for line in lines:
                for piece in read_plan(line, job.output).pieces:
                    for document in read_documents(piece, job.reading, SourceFaults(piece.name, print)):
                        change(document.text)

        print(f"{'':<37}{'CPU s':>8}{'MB/s':>8}{'peak MB':>11}")
        timed("read", lambda: read(str))
        timed("read, normalise", lambda: read(normalise))
        rows = timed("read, normalise, count, write counts", lambda: [count_words(line, job) for line in lines])
        sums = timed("add up", lambda: [add_counts(number, rows, job) for number in range(PARTITIONS)])
        words = all_words(sums)
        warm = WordList.of({"hus": 3, "huset": 2})
        count_pieces(learn_wordpiece(warm, 500).pieces, warm.text, warm.counts)
        for pieces in vocab_sizes:
            learned = timed(f"learn {pieces:,} pieces", lambda pieces=pieces: learn_wordpiece(words, pieces))
            timed("coverage of these", lambda learned=learned: count_pieces(learned.pieces, words.text, words.counts))


def _run_pinned(command: list[str]) -> None:
    core = min(os.sched_getaffinity(0))
    subprocess.run(command, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {core}))


if __name__ == "__main__":
    main()
