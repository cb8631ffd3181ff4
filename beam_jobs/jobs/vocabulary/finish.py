"""The end of a vocabulary job: learns and writes the vocabulary, then its model class, manifest and statistics."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import write_output
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.execution.stats_file import launch_stats, origin_stats, write_manifest_and_stats
from beam_jobs.faults.set_aside import REMEDIES, check_set_aside, gather_rejections, set_aside_stats
from beam_jobs.jobs.vocabulary.add_counts import PartitionCounts
from beam_jobs.jobs.vocabulary.job import VocabularyJob
from beam_jobs.records import VOCABULARY_NAME, Manifest
from beam_jobs.settings import output_settings
from beam_jobs.text.word_counts import unpack_counts
from beam_jobs.tokenizer.piece_counts import PieceCounts, count_pieces
from vocab.learning.learn import LearnedVocabulary, learn_wordpiece
from vocab.learning.word_list import WordList
from vocab.model_class import BERT_BASE_CONFIG, ModelClass

KIND = "vocabulary"


def finish_vocabulary(partitions: Sequence[PartitionCounts], rows: Sequence[ItemRow], job: VocabularyJob) -> Manifest:
    """Learn from the summed counts (`add_counts`), and write the files of the output folder.

    The order of `partitions` and `rows` does not matter. The files are a function of the input and the settings, except
    the entries of `corpus_stats.json` about this launch. Another call writes the same files.

    Raises:
        UserError: the input holds no words, or more was set aside than `--max_rejected` allows.
    """
    rows = sorted(rows, key=lambda row: row["index"])
    totals = merge_counts(row["totals"] for row in rows)
    first = gather_rejections(rows, job.output)
    words = all_words(partitions)
    if not len(words.counts):
        raise UserError(f"no word in --input {' '.join(job.settings.input)}: {_why(totals)}")
    settings = job.settings
    aside = {"documents": totals["documents"], **set_aside_stats(totals)}
    check_set_aside(aside, first, settings.max_rejected, settings.input, job.output)
    learned = learn_wordpiece(words, settings.vocab_size, settings.min_frequency, settings.alphabet_size)
    text = learned.to_text().encode()
    model_class = _model_class(learned, hashlib.sha256(text).hexdigest(), job)
    entry = {
        "file": VOCABULARY_NAME,
        "size": model_class.vocab_size,
        "sha256": model_class.vocab_sha256,
        "lower_case": settings.lower_case,
        "model_class": job.model_class_name,
    }
    manifest = Manifest(KIND, job.hash, output_settings(settings), (), entry)
    stats = _stats(totals, partitions, learned, count_pieces(learned.pieces, words.text, words.counts), job)
    write_output(job.output, VOCABULARY_NAME, text)
    write_output(job.output, job.model_class_name, model_class.to_json().encode())
    write_manifest_and_stats(job.output, manifest, {**stats, KIND: entry})
    return manifest


def all_words(partitions: Sequence[PartitionCounts]) -> WordList:
    """The words of all partitions for the learner."""
    unpacked = [unpack_counts(partition.packed) for partition in partitions]
    text = b"".join(text for _, text in unpacked)
    return WordList(np.frombuffer(text, np.uint8), np.concatenate([counts for counts, _ in unpacked]))


def _model_class(learned: LearnedVocabulary, sha256: str, job: VocabularyJob) -> ModelClass:
    model_class = ModelClass(
        name=job.settings.name,
        lower_case=job.settings.lower_case,
        vocab_size=len(learned.pieces),
        vocab_uri=VOCABULARY_NAME,
        config={"vocab_size": len(learned.pieces), **BERT_BASE_CONFIG},
        vocab_sha256=sha256,
        whole_word_masking=True,
        notes="BERT-Base with a vocabulary of its own. Change config for another size of network.",
    )
    model_class.validate(job.model_class_name)
    return model_class


def _stats(
    totals: dict[str, Any],
    partitions: Sequence[PartitionCounts],
    learned: LearnedVocabulary,
    coverage: PieceCounts,
    job: VocabularyJob,
) -> dict[str, Any]:
    return {
        **launch_stats(job),
        "documents": totals["documents"],
        "bytes_in": totals["bytes_in"],
        "input_bytes": job.input_bytes,
        **set_aside_stats(totals),
        "words": sum(partition.words for partition in partitions),
        "distinct_words": sum(partition.distinct for partition in partitions),
        "words_left_out": sum(partition.words_left_out for partition in partitions),
        "distinct_words_left_out": sum(partition.distinct_left_out for partition in partitions),
        "distinct_words_learned_from": learned.words - learned.left_out,
        "alphabet": len(learned.alphabet),
        "pieces_learned": len(learned.pieces),
        "pieces_per_word": coverage.pieces_per_word,
        "unknown_words": coverage.unknown_rate,
        **origin_stats(job),
    }


def closing_line(stats: dict[str, Any], seconds: float | None) -> str:
    """One line of totals. `stats` is the content of `corpus_stats.json`."""
    size = stats["bytes_in"] / 1e6
    sample = f" in a sample of {size:,.1f} of {stats['input_bytes'] / 1e6:,.1f} MB" if stats.get("sample_mb") else ""
    speed = f"; {seconds:,.1f} s ({size / max(seconds, 1e-3):,.1f} MB/s)" if seconds is not None else ""
    wanted = stats["vocab_size"]
    fewer = (
        f" (not {wanted:,}: no other pair is seen --min_frequency times)" if stats["pieces_learned"] < wanted else ""
    )
    rare = stats.get("distinct_words_left_out", 0)
    share = stats.get("words_left_out", 0) / max(stats["words"], 1)
    left_out = f"; {rare:,} rare ones, {share:.2%} of the words, left out" if rare else ""
    return (
        f"{stats['pieces_learned']:,} pieces{fewer} from {stats['words']:,} words "
        f"({stats['distinct_words']:,} distinct{left_out}){sample}, "
        f"{stats['pieces_per_word']:.2f} pieces per word, {stats['unknown_words']:.2%} [UNK]{speed}"
    )


def _why(totals: dict[str, Any]) -> str:
    rejected: Iterable[tuple[str, int]] = totals.get("rejected", {}).items()
    reasons = sorted(rejected, key=lambda item: (-item[1], item[0]))
    if not reasons:
        return "it holds no text"
    named = ", ".join(f"{count:,} {reason}" for reason, count in reasons)
    remedy = REMEDIES.get(reasons[0][0], "look there")
    return f"all of it was set aside ({named}); see rejected/ in the output: {remedy}"
