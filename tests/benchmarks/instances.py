"""Instances per CPU-second of the instances job, of its stages and of TF Model Garden's generator, on the same text.

    .venv/bin/python tests/benchmarks/instances.py --text sentences.txt --vocab_file vocab.txt

Every figure comes from a process of its own, pinned to one core: CPU seconds (user + system) of the work itself, after
imports and with warm kernels, and the peak memory of the whole process. The machine may be shared and its speed may
drift: compare figures of one run only.

--text is a sentence file: one sentence a line, a blank line between documents. Without it, the text of Python's own
language reference is used, which is small.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

STAGES = ("read", "tokenize", "generate", "compress", "shard", "job")


def main() -> None:
    """Run every stage in a process of its own and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", help="a sentence file")
    parser.add_argument("--vocab_file", help="a vocab.txt; without it one is learned from the text")
    parser.add_argument("--lower_case", action="store_true")
    parser.add_argument("--max_seq_length", type=int, default=128)
    parser.add_argument("--max_predictions_per_seq", type=int, default=19)
    parser.add_argument("--dupe_factor", type=int, default=3)
    parser.add_argument("--shard_mb", type=float, default=84, help="the text is repeated up to this size (default: 84)")
    parser.add_argument("--reference_mb", type=float, default=4, help="text given to the slow reference (default: 4)")
    parser.add_argument("--skip_reference", action="store_true")
    parser.add_argument("--workers", action="store_true", help="instead: whole jobs, 1 worker against 2")
    parser.add_argument("--shards", type=int, default=24, help="with --workers: shards of the corpus (default: 24)")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        print(json.dumps(_measure(options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        options.folder = folder
        _prepare(options)
        if options.workers:
            _compare_workers(options)
        else:
            _compare_generators(options)


def _prepare(options: argparse.Namespace) -> None:
    """Lay the sentence shard, the reference's smaller text and the vocabulary into the folder."""
    folder = Path(options.folder)
    text = Path(options.text).read_bytes() if options.text else _reference_sentences()
    text = text.rstrip() + b"\n\n"
    repeats = max(1, round(options.shard_mb * 1e6 / len(text)))
    (folder / "shard.txt").write_bytes(text * repeats)
    cut = text.rfind(b"\n\n", 0, int(options.reference_mb * 1e6)) + 2
    (folder / "small.txt").write_bytes(text[: cut if cut > 1 else len(text)])
    if options.vocab_file:
        shutil.copy(options.vocab_file, folder / "vocab.txt")
    else:
        from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary
        from beam_jobs.settings import VocabularySettings

        run_vocabulary(VocabularySettings((str(folder / "small.txt"),), str(folder / "learned"), vocab_size=8000))
        shutil.copy(folder / "learned" / "vocab.txt", folder / "vocab.txt")


def _reference_sentences() -> bytes:
    from pydoc_data.topics import topics

    from beam_jobs.text.segment import segment

    paragraphs = ("\n".join(" ".join(b.split()) for b in text.split("\n\n")) for text in topics.values())
    return "\n\n".join("\n".join(segment(text, "en")) for text in paragraphs).encode()


def _compare_generators(options: argparse.Namespace) -> None:
    size = (Path(options.folder) / "shard.txt").stat().st_size
    print(
        f"one shard of {size / 1e6:.1f} MB, sequence length {options.max_seq_length}, dupe {options.dupe_factor}, one core"
    )
    print(f"{'':<34}{'instances':>11}{'CPU s':>9}{'per CPU-s':>11}{'bytes each':>12}{'MB/s':>8}{'peak MiB':>9}")
    results = {}
    for stage in (*STAGES, *(() if options.skip_reference else ("reference",))):
        results[stage] = result = _in_a_process(options, stage)
        made = result.get("instances", 0)
        print(
            f"{result['what']:<34}{made:>11,}{result['cpu_s']:>9.2f}"
            f"{made / result['cpu_s'] if made else 0:>11,.0f}{result.get('bytes', 0) / max(made, 1):>12.1f}"
            f"{result.get('text', 0) / result['cpu_s'] / 1e6:>8.1f}{result['peak_mb']:>9.0f}",
            flush=True,
        )
    if "reference" in results:
        rates = {
            stage: result["instances"] / result["cpu_s"] for stage, result in results.items() if "instances" in result
        }
        for stage in ("shard", "job"):
            print(
                f"{results[stage]['what']}: {rates[stage] / rates['reference']:.0f} times the reference per CPU-second"
            )


def _compare_workers(options: argparse.Namespace) -> None:
    folder = Path(options.folder)
    shards = folder / "shards"
    shards.mkdir()
    size = (folder / "shard.txt").stat().st_size
    for i in range(options.shards):
        (shards / f"shard-{i}.txt").hardlink_to(folder / "shard.txt")
    seconds: dict[int, float] = {}
    for workers in (1, 2):
        output = folder / f"out-{workers}"
        shutil.rmtree(output, ignore_errors=True)
        lost, began = _lost_cpu_s(), time.perf_counter()
        subprocess.run(_job_command(options, str(shards), str(output), workers), check=True, capture_output=True)
        seconds[workers] = time.perf_counter() - began
        lost = _lost_cpu_s() - lost
        shutil.rmtree(output)
        work = f"{options.shards} shards of {size / 1e6:.0f} MB, dupe {options.dupe_factor}"
        print(
            f"{workers} worker(s): {seconds[workers]:.1f} s wall for {work}; others took {lost:.1f} CPU s", flush=True
        )
    print(f"two workers are {seconds[1] / seconds[2]:.2f} times one")


def _lost_cpu_s() -> float:
    """CPU seconds so far that went to other processes of this machine and to its neighbours: a quiet machine loses few."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ours = sum(usage.ru_utime + usage.ru_stime for usage in own)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK") - ours


def _in_a_process(options: argparse.Namespace, stage: str) -> dict[str, Any]:
    command = [sys.executable, __file__, *sys.argv[1:], "--stage", stage, "--folder", options.folder]
    core = min(os.sched_getaffinity(0))
    done = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    if options.stage == "reference":
        return _measure_reference(options)
    if options.stage == "job":
        return _measure_job(options)
    return _measure_stage(options)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def _peak_mb(who: int = resource.RUSAGE_SELF) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def _measure_stage(options: argparse.Namespace) -> dict[str, Any]:
    """One stage of ours in this process: `shard` is all of them together, as a worker runs them."""
    from isal import isal_zlib

    from beam_jobs.inputs.find_sentences import SentenceFile
    from beam_jobs.instances.generate import generate_instances
    from beam_jobs.jobs.instances.job import InstanceJob
    from beam_jobs.jobs.instances.plan_instances import plan_instances
    from beam_jobs.jobs.instances.read_sentences import read_loads
    from beam_jobs.jobs.instances.write_instances import write_instance_shard
    from beam_jobs.records.counter_random import path_key
    from beam_jobs.settings import InstanceSettings
    from beam_jobs.tokenizer.tokenize import ShardTokenizer, TokenizedShard
    from vocab.vocabulary import load_vocabulary

    folder = Path(options.folder)
    settings = _settings(options, str(folder), str(folder / f"out-{options.stage}"))
    (folder / f"out-{options.stage}").mkdir()
    shutil.copy(folder / "vocab.txt", folder / f"out-{options.stage}" / "vocab.txt")
    vocabulary = load_vocabulary(folder / "vocab.txt")

    def plan(name: str) -> Any:
        path = folder / name
        return plan_instances([SentenceFile(str(path), name, path.stat().st_size, "default")], int(1e9), True)[0]

    def tokenized(name: str) -> TokenizedShard:
        tokenizer = ShardTokenizer(vocabulary, options.lower_case, settings.max_input_chars_per_word)
        for load in read_loads(plan(name).parts, int(1e12)):
            for block in load:
                tokenizer.add(block)
        return tokenizer.finish()

    def generate(shard: TokenizedShard, write: Callable[[memoryview], None]) -> Any:
        return generate_instances(shard, vocabulary, settings, path_key(42, 0), write)

    def drop(_: memoryview) -> None:
        pass

    def write_shard(name: str, settings: InstanceSettings) -> Any:
        job = InstanceJob(settings, settings.output, options.lower_case, len(vocabulary), vocabulary.sha256, "", 1, 0.0)
        return write_instance_shard(plan(name), job)

    (folder / "warm.txt").write_bytes((folder / "small.txt").read_bytes()[:20000])
    generate(tokenized("warm.txt"), drop)
    text = (folder / "shard.txt").stat().st_size
    if options.stage == "read":
        _, cpu = _timed(lambda: [len(b) for load in read_loads(plan("shard.txt").parts, 10**12) for b in load])
        return {"what": "read", "cpu_s": cpu, "text": text, "peak_mb": _peak_mb()}
    if options.stage == "tokenize":
        _, cpu = _timed(lambda: tokenized("shard.txt"))
        return {"what": "read, tokenize", "cpu_s": cpu, "text": text, "peak_mb": _peak_mb()}
    if options.stage == "shard":
        row, cpu = _timed(lambda: write_shard("shard.txt", settings))
        made = {"instances": row["records"], "bytes": row["bytes"], "text": text}
        return {"what": "one shard, as a worker does it", "cpu_s": cpu, **made, "peak_mb": _peak_mb()}
    shard = tokenized("shard.txt")
    if options.stage == "generate":
        sizes: list[int] = []
        counts, cpu = _timed(lambda: generate(shard, lambda data: sizes.append(len(data))))
        made = {"instances": counts.instances, "bytes": sum(sizes)}
        return {"what": "pairs, masks, encode, CRC", "cpu_s": cpu, **made, "peak_mb": _peak_mb()}
    batches: list[bytes] = []
    counts = generate(shard, lambda data: batches.append(bytes(data)))
    compressor = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    size, cpu = _timed(lambda: sum(len(compressor.compress(batch)) for batch in batches) + len(compressor.flush()))
    return {"what": "compress", "cpu_s": cpu, "instances": counts.instances, "bytes": size, "peak_mb": _peak_mb()}


def _settings(options: argparse.Namespace, input: str, output: str) -> Any:
    from beam_jobs.settings import InstanceSettings

    return InstanceSettings(
        input=(input,),
        output=output,
        vocab_file=str(Path(options.folder) / "vocab.txt"),
        max_seq_length=options.max_seq_length,
        max_predictions_per_seq=options.max_predictions_per_seq,
        dupe_factor=options.dupe_factor,
        shard_mb=1000,
    )


def _job_command(options: argparse.Namespace, input: str, output: str, workers: int) -> list[str]:
    command = [sys.executable, "-m", "beam_jobs", "instances", "--input", input, "--output", output]
    command += ["--vocab_file", str(Path(options.folder) / "vocab.txt"), "--max_num_cpus", str(workers)]
    for name in ("max_seq_length", "max_predictions_per_seq", "dupe_factor"):
        command += [f"--{name}", str(getattr(options, name))]
    command += ["--model_class", "bert_base_uncased" if options.lower_case else "bert_multi_cased"]
    return command


def _measure_job(options: argparse.Namespace) -> dict[str, Any]:
    """The whole command, start of Python and Beam included."""
    folder = Path(options.folder)
    command = _job_command(options, str(folder / "shard.txt"), str(folder / "out-job"), 1)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    stats = json.loads((folder / "out-job" / "corpus_stats.json").read_text())
    return {
        "what": "the whole job, process and all",
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "instances": stats["counts"]["default"]["num_instances"],
        "bytes": stats["bytes_out"],
        "text": stats["bytes_in"],
        "peak_mb": _peak_mb(resource.RUSAGE_CHILDREN),
    }


def _measure_reference(options: argparse.Namespace) -> dict[str, Any]:
    from official.nlp.data import create_pretraining_data as reference
    from official.nlp.tools import tokenization

    folder = Path(options.folder)
    output = folder / "reference.tfrecord.gz"
    tokenizer = tokenization.FullTokenizer(str(folder / "vocab.txt"), do_lower_case=options.lower_case)
    text_of_line = reference.get_processor_text_fn(False, options.lower_case)

    def work() -> int:
        instances = reference.create_training_instances(
            [str(folder / "small.txt")], tokenizer, text_of_line, options.max_seq_length, options.dupe_factor, 0.1, 0.15,
            options.max_predictions_per_seq, random.Random(42), True,
        )  # fmt: skip
        lengths = (options.max_seq_length, options.max_predictions_per_seq)
        reference.write_instance_to_example_files(instances, tokenizer, *lengths, [str(output)], True, False)
        return len(instances)

    made, cpu = _timed(work)
    return {
        "what": "tf-models-official",
        "cpu_s": cpu,
        "instances": made,
        "bytes": output.stat().st_size,
        "text": (folder / "small.txt").stat().st_size,
        "peak_mb": _peak_mb(),
    }


if __name__ == "__main__":
    main()
