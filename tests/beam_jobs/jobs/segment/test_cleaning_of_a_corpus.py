"""All filters of the segment job together: every document is told once, and the bytes are the same however the job runs."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from beam_jobs.inputs import plan_ranges
from beam_jobs.jobs.segment import pipeline
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.settings import SegmentSettings

_FRENCH = (
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
    "conscience et doivent agir les uns envers les autres dans un esprit de fraternité. Chaque article que nous avons lu "
    "pendant les vacances racontait la vie d'une famille qui habitait près de la mer, et personne ne voulait la quitter. "
)
_REASONS = {"contaminated", "duplicate_exact", "duplicate_near", "language", "quality_gopher_few_words", "where"}
_OF_ONE_LAUNCH = ("time_taken_min", "output_dir", "data_dir", "max_num_cpus")


@pytest.fixture(scope="module", autouse=True)
def small_ranges() -> Iterator[None]:
    """Ranges of 32 KiB, so that the small corpus is judged in many calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_ranges, "_MIN_RANGE", 1 << 15)
        yield


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """English help pages with copies, French texts, short notes, and an address in every tenth text; words divided at line ends."""
    pages = [text for _, text in sorted(topics.items()) if len(text) > 600]
    texts = []
    for number, page in enumerate(pages):
        page = page.replace("statement", "state-\nment") if number % 6 == 0 else page
        texts.append(f"{page}\nWrite to page{number}@example.org." if number % 10 == 0 else page)
        if number % 7 == 0:
            texts += [page.title(), page.partition(" ")[2]]
        if number % 4 == 0:
            texts.append(f"{number} pages. {_FRENCH}")
        if number % 5 == 0:
            texts.append(f"See page {number} of the manual.")
    return texts


@pytest.fixture(scope="module")
def settings(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Settings with every filter, and ten files of input."""
    folder = tmp_path_factory.mktemp("cleaning")
    for file in range(10):
        lines = [
            json.dumps({"id": f"d{i}", "text": text, "number": i}) for i, text in enumerate(texts) if i % 10 == file
        ]
        (folder / "raw").mkdir(exist_ok=True)
        (folder / "raw" / f"{file}.jsonl").write_text("\n".join(lines) + "\n")
    held_out = [text for text in texts if len(text) > 1000][17]
    (folder / "questions.txt").write_text(" ".join(held_out.split()[40:90]) + "\n")
    return {
        "input": (str(folder / "raw"),),
        "shard_mb": 0.05,
        "dev_fraction": 0.2,
        "where": ("number!=1",),
        "page_furniture": 5,
        "dehyphenate": "line_ends",
        "dehyphenate_sample_mb": 0.1,
        "detect_language": "override",
        "languages": ("en",),
        "quality": "web",
        "drop": ("c4_few_sentences=0", "c4_braces=1e9", "fineweb_repeated_line_characters=1", "gopher_few_words=30"),
        "mask": "email",
        "decontaminate": (str(folder / "questions.txt"),),
        "duplicates": "near",
    }


def run(settings: dict, output: Path, beam_arguments: tuple[str, ...] = ()) -> dict[str, object]:
    """The files of a run, without what only one launch is asked or measures."""
    run_segment(SegmentSettings(**settings, output=str(output)), list(beam_arguments))
    files: dict[str, object] = {
        path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()
    }
    del files["config.toml"]  # it names the output
    stats = json.loads(files["corpus_stats.json"])
    return {**files, "corpus_stats.json": {key: value for key, value in stats.items() if key not in _OF_ONE_LAUNCH}}


@pytest.fixture(scope="module")
def once(settings: dict, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What an undisturbed run of one process makes."""
    return run(settings, tmp_path_factory.mktemp("once") / "out")


def test_every_document_is_kept_or_told_once_with_its_reason(texts: list[str], once: dict) -> None:
    stats = once["corpus_stats.json"]
    told = [
        json.loads(line)
        for name, data in once.items()
        if name.startswith("filtered/")
        for line in data.decode().splitlines()
    ]
    assert len({line["id"] for line in told}) == len(told)
    assert stats["documents"] + stats["num_rejected"] + len(told) == len(texts)
    reasons = Counter(line["reason"] for line in told)
    assert set(reasons) >= _REASONS
    assert {reason: entry["documents"] for reason, entry in stats["filtered"].items()} == reasons
    assert reasons["language"] == sum(_FRENCH in text for text in texts)
    assert stats["conditions"] == {"number!=1": {"left_out": 1, "without": 0}}
    assert stats["dehyphenated"]["joined"] > 50
    assert stats["furniture"]["lines"] > 0
    shards = b"".join(data for name, data in once.items() if name.endswith(".txt")).decode()
    assert "<EMAIL>" in shards
    assert "@example.org" not in shards
    assert "êtres humains" not in shards


@pytest.mark.parametrize(
    "beam_arguments",
    [
        ("--direct_num_workers=3",),
        ("--direct_num_workers=4", "--direct_running_mode=multi_threading"),
        ("--runner=BundleBasedDirectRunner",),
        ("--direct_runner_bundle_repeat=1",),
    ],
    ids=" ".join,
)
def test_same_bytes_on_every_runner(
    settings: dict, once: dict, tmp_path: Path, beam_arguments: tuple[str, ...]
) -> None:
    assert run(settings, tmp_path / "out", beam_arguments) == once


def test_a_run_that_stopped_between_its_steps_goes_on(
    settings: dict, once: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_: object) -> list:
        finished = sorted((tmp_path / "out/_work/segment").glob("*.json"))
        assert len(finished) > 4
        for path in finished[::2]:
            path.unlink()  # as if these had not been finished
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "plan_shards_of_rows", stops)
        with pytest.raises(Exception, match="the machine is gone"):
            run(settings, tmp_path / "out")
    assert run(settings, tmp_path / "out") == once
