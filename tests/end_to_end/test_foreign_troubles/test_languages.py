"""Text of any language and script, named as people name it. One sentence each says whose trouble it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from beam_jobs.__main__ import main

Content = Callable[[Path], dict[str, object]]
Capture = pytest.CaptureFixture[str]
NORWEGIAN = "Møtet er kl. 12.30 hos dr. Hansen i St. Olavs gt. 4. Vi ses den 3. Mai. Ta med f.eks. Per osv. Det er alt."


def _segment(output: Path, documents: list[dict[str, str]], *more: str) -> int:
    raw = output.with_suffix(".jsonl")
    raw.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return main(["segment", "--input", str(raw), "--output", str(output), "--max_num_cpus", "1", *more])


def _sentences(output: Path) -> list[list[str]]:
    """The sentences of each document, in the order of their first words."""
    (shard,) = output.rglob("sentences-*.txt")
    return sorted(document.split("\n") for document in shard.read_text().split("\n\n") if document)


def _stats(output: Path) -> dict:
    return json.loads((output / "corpus_stats.json").read_text())


def test_a_language_goes_by_its_names(tmp_path: Path, content: Content, capsys: Capture) -> None:
    """A team that wrote --language norwegian got the sentences of no language in particular, and no warning."""
    documents = [{"id": str(i), "text": NORWEGIAN} for i in range(20)]
    assert _segment(tmp_path / "nb", documents, "--language", "nb") == 0
    expected = content(tmp_path / "nb")
    assert _stats(tmp_path / "nb")["sentences"] == 20 * 4
    for name in ("norwegian", "Bokmål", "bokmal"):
        output = tmp_path / name
        assert _segment(output, documents, "--language", name) == 0
        ours = content(output)
        shards = [key for key in expected if key.startswith("sentences-")]
        assert shards
        assert [ours[key] for key in shards] == [expected[key] for key in shards]
    assert "warning" not in capsys.readouterr().err


def test_a_name_and_its_code_are_the_same_setting(tmp_path: Path, capsys: Capture) -> None:
    """A colleague who repeats a finished job with the language's name instead of its code has nothing to make anew."""
    documents = [{"id": "1", "text": NORWEGIAN}]
    assert _segment(tmp_path / "o", documents, "--language", "nb") == 0
    capsys.readouterr()
    assert _segment(tmp_path / "o", documents, "--language", "Norwegian (Bokmål)") == 0
    assert "finished already" in capsys.readouterr().out


def test_a_language_without_rules_is_said_once_with_the_remedy(tmp_path: Path, capsys: Capture) -> None:
    """A typing mistake in --language cost a team one sentence in twenty, without a word."""
    assert _segment(tmp_path / "o", [{"id": "1", "text": NORWEGIAN}], "--language", "norwgian") == 0
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("beambert: warning: there are no rules for --language norwgian, ")
    assert "Did you mean norwegian?" in line
    assert "da, de, el, en," in line
    assert _stats(tmp_path / "o")["documents_without_language_rules"] == {"norwgian": 1}


def test_documents_of_languages_without_rules_are_counted_and_named(tmp_path: Path, capsys: Capture) -> None:
    """A national library's pages carried names of languages that no rule knew, and nothing told it."""
    languages = ["Norwegian", "nob_Latn", "nn-NO", "zh", "klingon", "klingon", "xx", ""]
    documents = [{"id": str(i), "text": NORWEGIAN, "lang": language} for i, language in enumerate(languages)]
    assert _segment(tmp_path / "o", documents) == 0
    shown = capsys.readouterr()
    (line,) = shown.err.strip().splitlines()
    assert line.startswith(
        "beambert: warning: 3 of 8 documents are in languages that there are no rules for: klingon (2), xx (1); "
    )
    assert "--language, with one of da, de, el," in line
    assert "1 of 8 documents name no language (--language_field lang)" in shown.out
    assert _stats(tmp_path / "o")["documents_without_language_rules"] == {"klingon": 2, "": 1, "xx": 1}


def test_any_number_of_languages_is_counted_in_bounded_memory(tmp_path: Path, capsys: Capture) -> None:
    """A crawl whose language field held the page's title must not fill the statistics with titles."""
    documents = [{"id": str(i), "text": "En. To.", "lang": f"title {i} " * 50} for i in range(300)]
    assert _segment(tmp_path / "o", documents) == 0
    counts = _stats(tmp_path / "o")["documents_without_language_rules"]
    assert len(counts) == 101
    assert sum(counts.values()) == 300
    assert counts["(others)"] == 200
    assert max(map(len, counts)) <= 40
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_sentences_of_all_scripts(tmp_path: Path) -> None:
    """Corpora of Armenian, Khmer and Tibetan came out with a document a sentence."""
    documents = [
        ["Ողջույն։", "Ինչպե՞ս ես։", "Լավ եմ։"],
        ["यह है।", "वह नहीं है।"],
        ["བཀྲ་ཤིས།", "བདེ་མོ་ཡིན་པས། །", "ང་བདེ་པོ་ཡིན།"],
        ["សួស្តី។", "គាត់ទៅផ្ទះ។"],
        ["ᠮᠣᠩᠭᠣᠯ᠃", "ᠬᠡᠯᠡ᠃"],
    ]
    texts = [{"id": str(i), "text": " ".join(document)} for i, document in enumerate(documents)]
    assert _segment(tmp_path / "o", texts) == 0
    assert _sentences(tmp_path / "o") == sorted(documents)


NYNORSK = (
    "Ein sterk roman frå bygda Eg hadde ikkje venta at denne boka skulle gjere inntrykk. Forfattaren skriv om eit lite "
    "samfunn der alle kjenner kvarandre, og der ingen eigentleg veit noko om dei andre."
)
DANISH = (
    "Jeg havde ikke ventet, at denne bog skulle gøre så stærkt indtryk. Forfatteren skriver om et lille bysamfund, hvor alle "
    "kender hinanden, og hvor ingen egentlig ved noget om de andre."
)
COLLECTION = [
    *({"id": f"nb{i}", "lang": "nb", "text": f"{NORWEGIAN} Jeg ble ikke ferdig med å lese boka før ferien var over."} for i in range(8)),
    {"id": "nn", "lang": "nb", "text": NYNORSK},
    {"id": "da", "lang": "nb", "text": DANISH},
    {"id": "short", "lang": "nb", "text": "Til salg: sofa."},
]  # fmt: skip


def test_nynorsk_among_what_is_declared_bokmaal_gets_its_rules(tmp_path: Path, capsys: Capture) -> None:
    """A collection of reviews said "nb" of every document, and one in fifty is Nynorsk."""
    assert _segment(tmp_path / "nn", [{"id": "nn", "text": NYNORSK}], "--language", "nn") == 0
    (expected,) = _sentences(tmp_path / "nn")
    assert expected[0] == "Ein sterk roman frå bygda"
    assert _segment(tmp_path / "declared", COLLECTION) == 0
    assert expected not in _sentences(tmp_path / "declared")
    capsys.readouterr()
    assert _segment(tmp_path / "o", COLLECTION, "--detect_language", "override") == 0
    assert expected in _sentences(tmp_path / "o")
    assert _stats(tmp_path / "o")["languages"] == {"nb": {"nb": 8, "(unsure)": 1, "da": 1, "nn": 1}}
    assert "2 of 11 documents are in another language than they declare: " in capsys.readouterr().out
    assert (
        _segment(tmp_path / "fill", [{**document, "lang": ""} for document in COLLECTION], "--detect_language", "fill")
        == 0
    )
    assert _sentences(tmp_path / "fill") == _sentences(tmp_path / "o")
    shown = capsys.readouterr().out
    assert "1 of 11 documents name no language, and none could be detected for sure" in shown


def test_other_languages_are_left_out_and_told(tmp_path: Path, capsys: Capture) -> None:
    assert _segment(tmp_path / "o", COLLECTION, "--languages", "nb,nn") == 0
    assert "filtered out: 1 documents, 9.1% (1 language)" in capsys.readouterr().out
    (line,) = (tmp_path / "o/filtered/language-00000-of-00001.jsonl").read_text().splitlines()
    assert {"id": "da", "reason": "language", "detail": "da"}.items() <= json.loads(line).items()
    stats = _stats(tmp_path / "o")
    assert stats["documents"] == 10
    assert stats["languages"]["nb"]["da"] == 1


def test_the_languages_of_a_job_are_part_of_what_it_is(tmp_path: Path, capsys: Capture) -> None:
    """The same command goes on, in whatever way the languages are written; another choice is refused in its folder."""
    assert _segment(tmp_path / "o", COLLECTION, "--languages", "nb,nn") == 0
    assert _segment(tmp_path / "o", COLLECTION, "--languages", "Nynorsk", "no") == 0
    assert "finished already" in capsys.readouterr().out
    assert _segment(tmp_path / "o", COLLECTION, "--languages", "nb") == 2
    assert "made with --languages nb nn (now nb);" in capsys.readouterr().err


def test_a_missing_model_is_one_line_before_anything_is_read(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert _segment(tmp_path / "o", COLLECTION, "--detect_language", "fill") == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "py3langid 0.4.0" in line
    assert not (tmp_path / "o").exists()
    assert _segment(tmp_path / "o", COLLECTION) == 0
