"""Small corpora through the rounds of lines, called one after the other as a pipeline calls them; and what a plain oracle expects."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.segment.job import SEGMENT_STEP, SegmentJob, open_job
from beam_jobs.jobs.segment.line_rounds import cut, forms, rounds, shared
from beam_jobs.jobs.segment.pipeline import prepare_segment
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.settings import SegmentSettings
from beam_jobs.text.segment import segment
from tests.beam_jobs.duplicates.test_line_keys import line_words

SPLITS = ("test", "dev", "train")


def write_raw(folder: Path, texts: Sequence[str], splits: Sequence[str] = ()) -> Path:
    """A file for each split; the documents have the ids d0, d1, ..."""
    by_split: dict[str, list[str]] = {}
    for number, text in enumerate(texts):
        line = json.dumps({"id": f"d{number}", "lang": "nb", "text": text})
        by_split.setdefault(splits[number] if splits else "all", []).append(line)
    for split, lines in by_split.items():
        (folder / split).mkdir(parents=True, exist_ok=True)
        (folder / split / "a.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return folder


def segmented(
    folder: Path, texts: Sequence[str], splits: Sequence[str] = (), **more: object
) -> tuple[SegmentJob, list[ItemRow]]:
    """The job of these documents, in the folders that name their splits, and the rows of its ranges."""
    raw = write_raw(folder / "raw", texts, splits)
    settings: dict[str, object] = {"duplicates": "off", "shard_mb": 0.01, "repeated_lines": 2, **more}
    job, items = open_job(SegmentSettings((str(raw),), str(folder / "out"), **settings), 0.0)
    prepare_segment(job, items)
    return job, [segment_range(line, job) for line in write_plan(items, job.output, SEGMENT_STEP)]


def run_rounds(job: SegmentJob, range_rows: Sequence[ItemRow]) -> dict[str, list[ItemRow]]:
    """The rows of every round, without any of duplicates."""
    done: dict[str, list[ItemRow]] = {}
    done["shared"] = [shared.find_shared(task, job) for task in rounds.plan_shared([], range_rows, job)]
    done["contained"] = rounds.choose(done["shared"], range_rows, job)
    done["holders"] = [
        rounds.tell_holders(task, job) for task in rounds.plan_holders(done["contained"], range_rows, job)
    ]
    done["forms"] = [forms.find_forms(task, job) for task in rounds.plan_forms(done["contained"], range_rows, [], job)]
    done["gathered"] = rounds.gather(done["forms"], range_rows, job)
    done["cut"] = [
        cut.cut_lines(task, job) for task in rounds.plan_cut(done["gathered"], range_rows, done["holders"], job)
    ]
    return done


def in_small_pieces(monkeypatch) -> None:
    """Many sections, calls and groups for a few hundred documents."""
    from beam_jobs.jobs.segment import document_batch
    from beam_jobs.jobs.segment.key_files import key_sections
    from beam_jobs.jobs.segment.line_rounds import count_lines, gather, plan

    monkeypatch.setattr(document_batch, "_BATCH_DOCUMENTS", 10)
    monkeypatch.setattr(key_sections, "_SECTION_DOCUMENTS", 20)
    monkeypatch.setattr(plan, "_LINES_PER_CALL", 300)
    monkeypatch.setattr(plan, "_GROUP_DOCUMENTS", 70)
    monkeypatch.setattr(plan, "_GROUP_LINES", 500)
    monkeypatch.setattr(plan, "_PART_LINES", 150)
    monkeypatch.setattr(count_lines, "_AT_ONCE", 50)
    monkeypatch.setattr(shared, "_AT_ONCE", 40)
    monkeypatch.setattr(gather, "_FORMS_AT_ONCE", 7)


def lines_of(text: str) -> list[list[str]]:
    """The sentences of each line."""
    ends: list[int] = []
    sentences = segment(text, "nb", ends)
    return [sentences[begin:end] for begin, end in zip([0, *ends], ends, strict=False) if end > begin]


def form_of(line: Sequence[str]) -> tuple[str, ...]:
    """The folded words of a line."""
    return tuple(line_words(" ".join(line)))


def size_of(text: str) -> int:
    """The bytes of a document as it is written."""
    return sum(len(f"{sentence}\n".encode()) for line in lines_of(text) for sentence in line) + 1


def in_rank_order(texts: Mapping[str, str], splits: Mapping[str, str]) -> list[str]:
    """Held-out documents before those to train on, then the longest, then in order."""
    order = {id: place for place, id in enumerate(texts)}
    return sorted(texts, key=lambda id: (SPLITS.index(splits[id]), -size_of(texts[id]), order[id]))


def expected_contained(texts: Mapping[str, str], splits: Mapping[str, str], share: float) -> dict[str, str]:
    """The documents that are filtered out, and the one that contains most of each."""
    holder: dict[tuple[str, ...], str] = {}
    contained: dict[str, str] = {}
    for id in in_rank_order(texts, splits):
        forms = {form_of(line) for line in lines_of(texts[id])}
        held: Counter[str] = Counter()
        for form in forms:
            if len(form) >= 6 and form in holder:
                held[holder[form]] += len(form)
        if held and held.total() >= share * sum(map(len, forms)):
            most = max(held.values())
            contained[id] = next(other for other in in_rank_order(texts, splits) if held[other] == most)
        else:
            for form in forms:
                holder.setdefault(form, id)
    return contained


def expected(
    texts: Mapping[str, str], splits: Mapping[str, str], least: int, keep: str
) -> tuple[dict[str, list[str]], Counter[tuple[str, ...]]]:
    """By id, the sentences that each document keeps; and how often each form is left out."""
    lines = {id: lines_of(text) for id, text in texts.items()}
    holders: dict[tuple[str, ...], set[str]] = {}
    for id, of_document in lines.items():
        for line in of_document:
            if form_of(line):
                holders.setdefault(form_of(line), set()).add(id)

    order = {id: place for place, id in enumerate(in_rank_order(texts, splits))}
    kept = {
        form: min(ids, key=order.__getitem__)
        for form, ids in holders.items()
        if len(ids) >= least and keep == "longest"
    }
    lost: Counter[tuple[str, ...]] = Counter()
    left: dict[str, list[str]] = {}
    for id, of_document in lines.items():
        left[id] = []
        for line in of_document:
            form = form_of(line)
            if form and 0 < least <= len(holders[form]) and kept.get(form) != id:
                lost[form] += 1
            else:
                left[id] += line
    return left, lost
