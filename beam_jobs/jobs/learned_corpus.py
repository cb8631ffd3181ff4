"""The corpus job with a vocabulary of its own, which is learned from the sentences before instances are made of them."""

from collections.abc import Sequence
from dataclasses import replace

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.jobs.corpus import require_pairs
from beam_jobs.jobs.instances.pipeline import run_instances
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary
from beam_jobs.records import Manifest
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings


def run_learned_corpus(
    sentences: SegmentSettings,
    vocabulary: VocabularySettings,
    instances: InstanceSettings,
    beam_arguments: Sequence[str] = (),
) -> Manifest:
    """Run three jobs, one after the other, and return the manifest of the instances.

    What the filters of `sentences` take is in neither vocabulary nor instances. Each job is finished once: a launch after
    an interruption goes on where the last one ended. A vocabulary needs the counts of the whole corpus, so that these
    are three pipelines and not one.

    Args:
        sentences: the settings of the first job.
        vocabulary: of the second, whose `input` is the output of the first.
        instances: of the third, likewise. Its model class is the one that the second has written, whatever is set.
        beam_arguments: options of a Beam runner, for each of them.

    Raises:
        UserError: what any of the jobs raises. All settings are checked before the first begins.
    """
    instances = replace(instances, model_class=learned_model_class(vocabulary), vocab_file="")
    for settings in (sentences, vocabulary, instances):
        settings.validate()
    for reader in (vocabulary, instances):
        if tuple(reader.input) != (sentences.output,):
            raise UserError(f"--input {' '.join(reader.input)} is not {sentences.output}, the sentences of this corpus")
    require_pairs(sentences, instances)
    run_segment(sentences, beam_arguments)
    run_vocabulary(vocabulary, beam_arguments)
    return run_instances(instances, beam_arguments)


def learned_model_class(vocabulary: VocabularySettings) -> str:
    """The model class that the vocabulary job writes."""
    return storage.join(vocabulary.output, f"{vocabulary.name}.json")
