"""Key files of made-up documents, and the rounds called one after the other as a pipeline calls them."""

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from beam_jobs.duplicates.band_keys import band_keys
from beam_jobs.duplicates.document_keys import document_keys
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds import copies, links, pairs, removed, rounds
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.key_sections import KEYS, BatchKeys, DocumentFacts, KeySections
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.settings import SegmentSettings


def job_in(folder: Path, mode: str = "near", **more: object) -> SegmentJob:
    settings = SegmentSettings(input=("in",), output=str(folder), duplicates=mode, **more)
    return SegmentJob(settings, str(folder), "0" * 16, 0.0)


def fact(number: int, text: str, begin: int = 0, split: str = "default", source: str = "a", language: str = "nb"):
    size = len(text.encode())
    lengths = array("Q", (len(line) for line in text.split("\n")))
    return DocumentFacts(f"id{number}", f"{source}.txt", source, language, split, number, size, 0, begin, size, lengths)


def write_key_file(job: SegmentJob, index: int, keys: BatchKeys, facts: Sequence[DocumentFacts], batch: int = 0):
    """The key file of a range; the row of the range, as far as the rounds read it."""
    path = Path(job.output, KEYS, f"{index:06d}.bin")
    path.parent.mkdir(parents=True, exist_ok=True)
    batch = batch or max(7, len(keys.exact) // 50)
    with path.open("wb") as file:
        stream = CheckedStream(file)
        near, wanted = job.settings.duplicates == "near", job.settings.duplicates in ("exact", "near")
        sections = KeySections(stream, 32 if near else 0, wanted)
        for start in range(0, len(keys.exact), batch):
            part = slice(start, start + batch)
            sections.add(BatchKeys(keys.exact[part], keys.bands[part]), facts[part])
        sections.finish()
    return {"index": index, "keys": {"crc32c": stream.crc32c, "sections": sections.rows}}


def write_corpus(job: SegmentJob, texts: Sequence[str], splits: Sequence[str] = (), ranges: int = 3):
    """Key files of these documents, and the rows of the ranges; and the keys of all."""
    keys = document_keys(texts, signatures=job.settings.duplicates == "near")
    near = job.settings.duplicates == "near"
    bands = band_keys(keys.signatures, keys.words) if near else np.empty((len(texts), 0), np.uint64)
    rows, edges = [], [len(texts) * i // ranges for i in range(ranges + 1)]
    for index in range(ranges):
        numbers = range(edges[index], edges[index + 1])
        begins = np.cumsum([0, *(len(texts[i].encode()) for i in numbers)]).tolist()
        facts = [
            fact(i, texts[i], begin, splits[i] if splits else "default", f"s{i % 2}")
            for i, begin in zip(numbers, begins, strict=False)
        ]
        part = slice(edges[index], edges[index + 1])
        rows.append(write_key_file(job, index, BatchKeys(keys.exact[part], bands[part]), facts))
    return rows, keys


def run_rounds(job: SegmentJob, range_rows: Sequence[ItemRow]) -> dict[str, list[ItemRow]]:
    """The rows of every round."""
    done: dict[str, list[ItemRow]] = {}
    done["copies"] = [copies.find_copies(task, job) for task in rounds.plan_copies(range_rows, job)]
    done["links"] = [links.link_documents(task, job) for task in rounds.plan_links(done["copies"], range_rows, job)]
    done["pairs"] = [pairs.count_bands(task, job) for task in rounds.plan_pairs(done["links"], range_rows, job)]
    done["choice"] = rounds.choose(done["pairs"], range_rows, done["copies"], job)
    done["kept"] = [rounds.tell_kept(task, job) for task in rounds.plan_kept(done["choice"], job)]
    done["removed"] = [
        removed.tell_removed(task, job) for task in rounds.plan_removed(done["kept"], done["choice"], job)
    ]
    return done


def in_small_pieces(monkeypatch) -> None:
    """Many sections, calls, parts and groups for a few hundred documents."""
    from beam_jobs.jobs.segment.duplicate_rounds import choice, plan
    from beam_jobs.jobs.segment.key_files import key_sections

    monkeypatch.setattr(key_sections, "_SECTION_DOCUMENTS", 20)
    monkeypatch.setattr(plan, "_KEYS_PER_CALL", 100)
    monkeypatch.setattr(plan, "_PART_DOCUMENTS", 60)
    monkeypatch.setattr(plan, "_GROUP_DOCUMENTS", 90)
    monkeypatch.setattr(choice, "_CHUNK", 110)
