import gzip
import io
import json

import pytest
from rich.console import Console

from beam_jobs.errors import UserError
from vocab.__main__ import main, print_report
from vocab.lint import ERROR, NOTE, WARNING, lint_vocabulary, why_unreachable
from vocab.model_class import BERT_BASE_CONFIG, ModelClass

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = sorted(set("abdehijklmnoprstuvyæøåA"))
GOOD = [*SPECIAL, "[unused0]", *LETTERS, *(f"##{c}" for c in LETTERS), ".", "huset", "##ene"]


def remarks(report, level):
    return [remark.text for remark in report.remarks if remark.level == level]


def test_a_good_vocabulary_has_no_errors():
    report = lint_vocabulary(GOOD, lower_case=False)
    assert not report.has_errors
    assert remarks(report, ERROR) == []
    assert not any("unreachable" in text for text in remarks(report, WARNING))
    assert (report.size, report.starting, report.continuing, report.special) == (len(GOOD), 25, 24, 6)


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([p for p in GOOD if p not in ("[SEP]", "[MASK]")], "special pieces are missing: [SEP], [MASK]"),
        ([*GOOD, "a", "huset"], f"2 duplicate pieces: 'a' on lines 8, {len(GOOD) + 1}"),
        ([*GOOD[:6], "", *GOOD[6:]], "blank lines: 7"),
        ([*GOOD, "", "", "a"], "1 duplicate piece: 'a'"),
    ],
)
def test_errors(pieces, message):
    report = lint_vocabulary(pieces, lower_case=False)
    assert report.has_errors
    assert any(text.startswith(message) for text in remarks(report, ERROR)), remarks(report, ERROR)


@pytest.mark.parametrize(
    ("piece", "cased", "uncased"),
    [
        ("hus", "", ""),
        ("##et", "", ""),
        (".", "", ""),
        ("中", "", ""),
        ("##ん", "", ""),
        ("Hus", "", "capitals or accents"),
        ("på", "", "capitals or accents"),
        ("##É", "", "capitals or accents"),
        ("bø", "", ""),
        ("##.", "always stands alone", "always stands alone"),
        ("##中", "always stands alone", "always stands alone"),
        ("##a.", "always stands alone", "always stands alone"),
        ("don't", "split inside", "split inside"),
        ("a b", "split inside", "split inside"),
        ("...", "split inside", "split inside"),
        ("日本", "split inside", "split inside"),
        ("##", "nothing after", "nothing after"),
        ("a\xadb", "dropped", "dropped"),
        ("\u200b", "dropped", "dropped"),
    ],
)
def test_unreachable_pieces(piece, cased, uncased):
    for lower_case, reason in ((False, cased), (True, uncased)):
        found = why_unreachable(piece, lower_case)
        assert reason in found
        assert bool(found) == bool(reason)


def test_unreachable_pieces_are_counted_with_examples():
    report = lint_vocabulary([*GOOD, "##.", "##!", "don't"], lower_case=False)
    assert "2 unreachable pieces: ## before a character that always stands alone: ##. ##!" in remarks(report, WARNING)
    assert any(text.startswith("1 unreachable pieces: text is split inside it") for text in remarks(report, WARNING))


def test_norwegian_letters():
    report = lint_vocabulary(GOOD, lower_case=False)
    assert any(text.startswith("accented letters kept: æ ø å") for text in remarks(report, NOTE))
    assert any("become [UNK]" in text and "Æ Ø Å" in text for text in remarks(report, WARNING))
    without = [piece for piece in GOOD if piece != "##å"]
    assert any(
        text.startswith("1 characters are no piece by themselves inside a word: å")
        for text in remarks(lint_vocabulary(without, lower_case=False), WARNING)
    )
    lowered = lint_vocabulary(GOOD, lower_case=True)
    assert any("lower-casing strips accents from text: å→a" in text for text in remarks(lowered, WARNING))


def test_an_uncased_vocabulary_checked_as_cased():
    lower = [piece for piece in GOOD if not piece.removeprefix("##").isupper() or piece in SPECIAL]
    assert any("check it with --lower_case" in text for text in remarks(lint_vocabulary(lower, False), WARNING))
    assert not any("check it with" in text for text in remarks(lint_vocabulary(lower, True), WARNING))


def test_sample_text_is_measured():
    report = lint_vocabulary(GOOD, lower_case=False, sample={"huset": 6, "husene": 1, "xyz": 3, "中": 2})
    coverage = report.coverage
    assert (coverage.words, coverage.unknown) == (12, 5)
    assert coverage.pieces == 6 + 4 + 3 + 2  # huset; h ##u ##s ##ene; [UNK]; [UNK]
    assert coverage.pieces_per_word == 15 / 12
    assert any(
        text.startswith("5 words of the sample become [UNK], most often xyz (3), 中 (2)")
        for text in remarks(report, WARNING)
    )
    assert any(
        "characters of the sample are in no piece: x LATIN SMALL LETTER X (3), z" in text
        for text in remarks(report, NOTE)
    )


def test_decomposed_sample_is_told():
    report = lint_vocabulary(GOOD, lower_case=False, sample={"pa\u030a": 4, "på": 5})
    assert any(text.startswith("4 words of the sample are not in NFC") for text in remarks(report, WARNING))


def test_empty_sample():
    assert "the sample text holds no words" in remarks(lint_vocabulary(GOOD, False, {}), WARNING)


@pytest.fixture
def vocab_file(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(GOOD) + "\n")
    return path


def test_command(vocab_file, tmp_path, capsys):
    (tmp_path / "a.txt").write_text("huset huset.\n")
    with gzip.open(tmp_path / "b.jsonl.gz", "wt") as file:
        file.write(json.dumps({"body": "husene"}) + "\n\n")
    arguments = [
        "lint",
        "--vocab_file",
        str(vocab_file),
        "--text",
        str(tmp_path / "a.txt"),
        str(tmp_path / "b.jsonl.gz"),
    ]
    assert main([*arguments, "--text_field", "body"]) == 0
    out = capsys.readouterr().out
    assert f"{len(GOOD)} pieces (" in out
    assert "sample of 4 words: 1.750 pieces per word, 0.000% [UNK]" in out
    assert out.endswith("no errors\n")


def test_exit_status_of_a_bad_vocabulary(vocab_file, capsys):
    vocab_file.write_text("hus\nhus\n")
    assert main(["lint", "--vocab_file", str(vocab_file)]) == 1
    out = capsys.readouterr().out
    assert "error   special pieces are missing: [PAD], [UNK], [CLS], [SEP], [MASK]" in out
    assert "2 errors" in out


def test_model_class_brings_its_file_and_casing(vocab_file, tmp_path, capsys):
    config = {**BERT_BASE_CONFIG, "vocab_size": len(GOOD)}
    path = tmp_path / "own.json"
    path.write_text(ModelClass("own", True, len(GOOD), "vocab.txt", config).to_json())
    assert main(["lint", "--model_class", str(path)]) == 0
    assert "lower-cased, accents stripped" in capsys.readouterr().out
    assert main(["fetch", "--model_class", str(path)]) == 0
    assert capsys.readouterr().out == f"{vocab_file}\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("no.txt", None, "cannot read it: No such file"),
        ("a.jsonl", b'{"text": "a"}\n{"text": 3}\n', "line 2 is no JSON object with a text 'text'"),
        ("a.jsonl", b"[]\n", "line 1 is no JSON object"),
        ("a.txt.gz", gzip.compress(b"hus " * 1000, mtime=0)[:-9], "the compressed file is truncated or corrupt"),
        ("b.txt.gz", b"plain", "cannot read it"),
        ("b.parquet", b"PAR1\0\0", "holds binary data, not text; name .txt or .jsonl, plain or .gz"),
        ("b.txt.GZ", gzip.compress(b"PAR1\0\0"), "holds binary data"),
    ],
)
def test_bad_samples_are_one_line(vocab_file, tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        main(["lint", "--vocab_file", str(vocab_file), "--text", str(tmp_path / name)])


def test_what_to_check_must_be_named_once(vocab_file):
    with pytest.raises(UserError, match="needs --vocab_file or --model_class, one of them"):
        main(["lint"])
    with pytest.raises(UserError, match="one of them"):
        main(["lint", "--vocab_file", str(vocab_file), "--model_class", "bert_base_cased"])
    with pytest.raises(UserError, match="cannot read the vocabulary"):
        main(["lint", "--vocab_file", str(vocab_file) + "x"])


def test_brackets_are_printed_and_errors_coloured():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="standard", highlight=False, soft_wrap=True)
    print_report(lint_vocabulary(["a"], lower_case=False), "[bold]v.txt", False, console)
    assert "[bold]v.txt" in stream.getvalue()
    assert "\x1b[1;31merror" in stream.getvalue()


def test_pad_elsewhere_is_told():
    report = lint_vocabulary([*GOOD[1:], "[PAD]"], lower_case=False)
    assert not report.has_errors
    assert f"[PAD] is on line {len(GOOD)}: its id is {len(GOOD) - 1}" in " ".join(remarks(report, NOTE))
