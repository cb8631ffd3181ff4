"""Prints warnings about a finished output on standard error, from its `corpus_stats.json`."""

from beam_jobs import storage
from beam_jobs.console.warnings import warn
from beam_jobs.execution.stats_file import read_stats
from beam_jobs.instances.counts import labels_of
from beam_jobs.instances.doubts import (
    Figures,
    doubts_about_instances,
    doubts_about_predictions,
    doubts_about_vocabulary,
)
from beam_jobs.records import VOCABULARY_NAME
from beam_jobs.settings import InstanceSettings, VocabularySettings


def warn_of_instances(output: str, settings: InstanceSettings) -> None:
    """Warnings about the finished instances in a folder, made with these settings."""
    stats = read_stats(output)
    totals = stats["totals"]
    per_instance = totals["predictions_per_instance"]
    figures = Figures(
        instances=totals["instances"],
        labels=tuple(labels_of(totals)),
        pieces=totals["pieces"],
        padding=totals["padding"] if settings.masking != "dynamic" else 0,  # dynamic records store no padding
        unknown=totals["unknown"],
        predictions=totals["predictions"],
        most_predictions=len(per_instance) - 1 if settings.masking != "dynamic" else 0,
        full=per_instance[-1],
    )
    label_shares = settings.objective_rules.label_shares
    vocabulary = storage.join(output, stats.get("vocabulary", {}).get("file", VOCABULARY_NAME))
    told_before = {warning.name for warning in doubts_about_predictions(settings)}
    doubts = doubts_about_instances(figures, settings.max_seq_length, settings.masked_lm_prob, label_shares, vocabulary)
    warn(doubts, {*settings.silence, *told_before})


def warn_of_vocabulary(output: str, settings: VocabularySettings) -> None:
    """Warnings about the finished vocabulary in a folder."""
    stats = read_stats(output)
    warn(doubts_about_vocabulary(stats["unknown_words"], stats["pieces_per_word"]), settings.silence)
