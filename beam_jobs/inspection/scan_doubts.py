"""Warnings about the distributions of a scan, the same as at the end of an instances job."""

import numpy as np

from beam_jobs.console.warnings import Warned
from beam_jobs.inspection.inspected_corpus import Corpus
from beam_jobs.inspection.scan import ShardScan
from beam_jobs.instances.doubts import Figures, doubts_about_instances

_USUAL_PROBABILITY = 0.15  # BERT's, for shards that do not say how they were made


def doubts(corpus: Corpus, scan: ShardScan) -> list[Warned]:
    """One line for each figure beyond its threshold. Without a manifest, settings are taken from the records."""
    summary = scan.summary
    if not summary.instances:
        return []
    settings = corpus.manifest.settings if corpus.manifest else {}
    masked = summary.dynamic == 0
    figures = Figures(
        instances=summary.instances,
        labels=tuple(summary.labels.tolist()),
        pieces=summary.pieces,
        padding=summary.padding,
        unknown=summary.unknown,
        predictions=summary.predictions,
        most_predictions=len(summary.predictions_per_instance) - 1 if masked else 0,
        full=int(summary.predictions_per_instance[-1]),
    )
    width = settings.get("max_seq_length", int(np.flatnonzero(summary.lengths)[-1]))
    probability = settings.get("masked_lm_prob", _USUAL_PROBABILITY)
    has_pairs = summary.one_segment < summary.instances / 2
    label_shares = corpus.objective.label_shares if has_pairs else ()
    return list(doubts_about_instances(figures, width, probability, label_shares, corpus.vocabulary_uri))
