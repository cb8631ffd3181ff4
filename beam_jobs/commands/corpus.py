"""`beambert corpus`: raw documents to instances in one launch, with a vocabulary of its own if asked for."""

import argparse
import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beam_jobs.commands.begin_job import begin_job
from beam_jobs.commands.job_settings import add_engine, add_settings, beam_arguments, job_options, read_settings
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

if TYPE_CHECKING:
    from beam_jobs.jobs.preview import Preview

DESCRIPTION = (
    "Segment and instances in one launch: sentence shards go to OUTPUT/sentences, instances to OUTPUT/instances. With "
    "--vocab_size, a vocabulary is learned in between, from the sentences that are left after cleaning, in OUTPUT/vocabulary."
)
EXAMPLES = """\
corpus --input 'raw/*.jsonl.gz' --output corpus --language nb --dupe_factor 3
corpus --input raw --output corpus --vocab_size 32000 --dev_fraction 0.02
"""

_VOCAB_SIZE = (
    "learn a vocabulary of this many pieces, special ones included, from the sentences of this corpus; without it, that of "
    "--model_class or --vocab_file is used"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the jobs. Settings that several have are added once."""
    add_settings(parser, SegmentSettings)
    add_settings(parser, InstanceSettings)
    parser.add_argument("--vocab_size", type=int, default=argparse.SUPPRESS, metavar="INT", help=_VOCAB_SIZE)
    add_settings(parser, VocabularySettings)
    add_engine(parser)


def run(options: argparse.Namespace) -> int:
    """Run the jobs."""
    options = job_options(options)
    output = getattr(options, "output", "").rstrip("/")
    inner = f"{output}/sentences" if output else ""
    segment_settings = read_settings(SegmentSettings, options, output=inner)
    instance_settings = read_settings(
        InstanceSettings, options, input=(inner,), output=output and f"{output}/instances"
    )
    if "vocab_size" in options:
        return _run_learned(options, segment_settings, instance_settings, f"{output}/vocabulary")
    _require_no_learner(options)
    settings = (segment_settings, instance_settings)

    def show(arguments: Sequence[str], preview: "Preview") -> bool:
        from beam_jobs.jobs.preview import preview_corpus

        return preview_corpus(*settings, arguments, preview)

    def begin(arguments: Sequence[str]) -> None:
        from beam_jobs.jobs.corpus import run_corpus

        run_corpus(*settings, arguments)

    return begin_job(options, "corpus", settings, show, begin)


def _run_learned(
    options: argparse.Namespace, segment: SegmentSettings, instances: InstanceSettings, output: str
) -> int:
    vocabulary = read_settings(VocabularySettings, options, input=(segment.output,), output=output)
    for name in ("model_class", "vocab_file"):
        if name in options:
            raise UserError(
                f"--vocab_size learns a vocabulary, and --{name} {getattr(options, name)} names one: leave one of them out"
            )
    if any(argument.partition("=")[0] == "--template_location" for argument in beam_arguments(options)):
        raise UserError(
            "--template_location holds one job, and --vocab_size makes three of corpus: make templates of segment, vocabulary "
            "and instances"
        )

    def show(arguments: Sequence[str], preview: "Preview") -> bool:
        from beam_jobs.jobs.preview import preview_segment

        shown = preview_segment(segment, arguments, preview)
        print(
            f"then       a vocabulary of {vocabulary.vocab_size:,} pieces, and instances, of which nothing is estimated here"
        )
        return shown

    def begin(arguments: Sequence[str]) -> None:
        from beam_jobs.jobs.learned_corpus import run_learned_corpus

        run_learned_corpus(segment, vocabulary, instances, arguments)

    return begin_job(options, "corpus", (segment, vocabulary, instances), show, begin)


def _require_no_learner(options: argparse.Namespace) -> None:
    """Raise UserError if an option of the vocabulary is given, but none is learned."""
    others = {f.name for job in (SegmentSettings, InstanceSettings) for f in dataclasses.fields(job)}
    for name in sorted({f.name for f in dataclasses.fields(VocabularySettings)} - others):
        if name in options:
            raise UserError(f"--{name} is for a vocabulary that is learned: add --vocab_size, such as 32000")
