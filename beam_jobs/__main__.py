"""`python -m beam_jobs <job>`: the corpus jobs from the command line."""

import logging
import sys
from collections.abc import Callable, Sequence

from beam_jobs.command_line import S, add_settings, read_settings, settings_parser, split_beam_arguments
from beam_jobs.console.command_process import run_as_process
from beam_jobs.console.interruption import BEGINS_AGAIN
from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

_BEAM_NOTE = """
Runs on all cores of this machine. Any option of an Apache Beam runner may follow, for example
  --runner=FlinkRunner --flink_master=localhost:8081
Running the same command again after an interruption goes on where it stopped and ends with the same bytes."""


def _read(
    settings_class: type[S], job: str, description: str, examples: str, arguments: Sequence[str]
) -> tuple[S, list[str]]:
    """The settings that a job's command line names, and the arguments for Beam."""
    parser = settings_parser(settings_class, f"run.sh {job}", description, examples + _BEAM_NOTE)
    namespace, beam_arguments = split_beam_arguments(parser, arguments)
    return read_settings(settings_class, namespace), beam_arguments


def segment(arguments: Sequence[str]) -> int:
    """Raw documents to sentence shards."""
    settings, beam_arguments = _read(
        SegmentSettings,
        "segment",
        "Cut raw documents into sentences and write them as shards: one sentence a line, a blank line between documents.",
        "examples:\n  ./run.sh segment --input 'raw/*.jsonl.gz' --output sentences --language nb\n"
        "  ./run.sh segment --input books/ --output sentences --documents_are paragraph_blocks\n",
        arguments,
    )
    from beam_jobs.jobs.segment.pipeline import run_segment

    run_segment(settings, beam_arguments)
    return 0


def instances(arguments: Sequence[str]) -> int:
    """Sentence shards to shards of pretraining instances."""
    settings, beam_arguments = _read(
        InstanceSettings,
        "instances",
        "Turn sentence shards into TFRecord shards of BERT pretraining instances, with statistics and samples.",
        "examples:\n  ./run.sh instances --input sentences --output tfrecords --model_class bert_multi_cased --dupe_factor 3\n"
        "  ./run.sh instances --input sentences --output tf512 --max_seq_length 512\n"
        "  ./run.sh instances --input sentences --output dynamic --masking dynamic --vocab_file vocab.txt\n",
        arguments,
    )
    from beam_jobs.jobs.instances.pipeline import run_instances

    run_instances(settings, beam_arguments)
    return 0


def corpus(arguments: Sequence[str]) -> int:
    """Raw documents to instances in one launch."""
    parser = settings_parser(
        SegmentSettings,
        "run.sh corpus",
        "Segment and instances in one launch: sentence shards go to OUTPUT/sentences, instances to OUTPUT/instances.",
        "example:\n  ./run.sh corpus --input 'raw/*.jsonl.gz' --output corpus --language nb --dupe_factor 3\n"
        + _BEAM_NOTE,
    )
    add_settings(parser, InstanceSettings)
    namespace, beam_arguments = split_beam_arguments(parser, arguments)
    from beam_jobs.jobs.corpus import run_corpus

    output = getattr(namespace, "output", "").rstrip("/")
    inner = f"{output}/sentences" if output else ""
    run_corpus(
        read_settings(SegmentSettings, namespace, output=inner),
        read_settings(InstanceSettings, namespace, input=(inner,), output=output and f"{output}/instances"),
        beam_arguments,
    )
    return 0


def vocabulary(arguments: Sequence[str]) -> int:
    """Text to a WordPiece vocabulary and its model class."""
    settings, beam_arguments = _read(
        VocabularySettings,
        "vocabulary",
        "Count words with Beam and learn a WordPiece vocabulary from the counts: vocab.txt and a model class.",
        "example:\n  ./run.sh vocabulary --input 'raw/*.jsonl.gz' --output my_vocab --vocab_size 50000\n",
        arguments,
    )
    from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary

    run_vocabulary(settings, beam_arguments)
    return 0


def inspect(arguments: Sequence[str]) -> int:
    """Look at instances, check them, see their distributions."""
    from beam_jobs.inspection.command import main as inspect_main

    return inspect_main(arguments)


def vocab(arguments: Sequence[str]) -> int:
    """Check a vocabulary: vocab lint."""
    from beam_jobs.documents.sample_texts import sample_texts
    from vocab.__main__ import main as vocab_main

    return vocab_main(arguments, sample_texts)


def demo(arguments: Sequence[str]) -> int:
    """The whole way on text that every Python carries."""
    from beam_jobs.demo import main as demo_main

    return demo_main(arguments)


JOBS: dict[str, Callable[[Sequence[str]], int]] = {
    "vocabulary": vocabulary,
    "segment": segment,
    "instances": instances,
    "corpus": corpus,
    "inspect": inspect,
    "vocab": vocab,
    "demo": demo,
}


def main(arguments: Sequence[str]) -> int:
    """Run the job that the first argument names; the exit status."""
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print("usage: run.sh JOB [settings]     run.sh JOB --help shows its settings\n")
        print("\n".join(f"  {name:<12}{job.__doc__}" for name, job in JOBS.items()))
        return 0
    job = JOBS.get(arguments[0])
    logging.basicConfig(format="beambert: warning: %(message)s")  # before Beam does it; less than warnings is not shown
    # Beam's import says so to everybody without the [gcp] extra, whether or not BigQuery is asked for.
    logging.getLogger().addFilter(lambda record: "apitools not found" not in str(record.msg))
    try:
        if job is None:
            raise UserError(
                f"there is no job {arguments[0]!r}{did_you_mean(arguments[0], JOBS, before='; ')}; the jobs are {', '.join(JOBS)}"
            )
        return job(arguments[1:])
    except UserError as error:
        print(f"beambert: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_interrupted(arguments), file=sys.stderr)
        return 130


def _interrupted(arguments: Sequence[str]) -> str:
    keeps_nothing = list(arguments[:1]) in (["inspect"], ["vocab"])
    return BEGINS_AGAIN if keeps_nothing else "beambert: interrupted; the same command goes on from here"


def _warn_in_lines() -> None:
    """Let what our modules log reach the user in the form of every other warning, once."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("beambert: warning: %(message)s"))
    logger = logging.getLogger("beam_jobs")
    logger.addHandler(handler)
    logger.propagate = False


def _main_of_process(arguments: Sequence[str]) -> int:
    _warn_in_lines()  # only now: its handler keeps the standard error that it finds
    return main(arguments)


if __name__ == "__main__":
    run_as_process(_main_of_process, _interrupted(sys.argv[1:]))
