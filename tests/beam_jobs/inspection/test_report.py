import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from beam_jobs import storage
from beam_jobs.console.dispatch import find_call
from beam_jobs.errors import UserError
from beam_jobs.inspection.samples import write_samples
from beam_jobs.records import Manifest, Shard
from beam_jobs.settings import InstanceSettings


def main(arguments):
    return find_call(["inspect", *arguments], "./run.sh").run()


class Page(HTMLParser):
    """Checks that tags are balanced; gathers the text and every address the page points to."""

    VOID = {"meta", "input", "link", "br", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.addresses, self.tags = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "data", "srcset")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.texts.append(data)


def test_report_of_a_good_corpus(corpus_folder, capsys, tmp_path):
    page = tmp_path / "page.html"
    assert main([str(corpus_folder), "--num", "2", "--html", str(page), "--check", "all", "--max_num_cpus", "1"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert len(re.findall(r"^A \[CLS\] ", out, re.MULTILINE)) == 2
    totals = json.loads((corpus_folder / "corpus_stats.json").read_text())["totals"]
    assert f"3 shards, {totals['instances']:,} instances" in out
    assert f"checked all {totals['instances']:,} records of 3 shards: checksums and instances are right" in out
    share = 100 * totals["masked"]["mask"] / sum(totals["masked"].values())
    assert re.search(rf"hidden by \[MASK\] +{share:.1f} %", out)
    assert re.search(r"whole words +100.0 %", out)

    html = page.read_text()
    parsed = Page(html)
    assert parsed.addresses == []
    assert not re.search(r"https?://|url\(|@import|<script[^>]", html)
    assert "prefers-color-scheme: dark" in html
    text = " ".join("".join(parsed.texts).split())
    assert "&lt;trial&gt;" in html
    assert "<trial>" in text
    assert parsed.tags.count("svg") == 7
    assert parsed.tags.count("article") == 2
    assert f"{totals['instances']:,} instances" in text
    assert "every checksum and every instance is right" in text
    assert "max_predictions_per_seq 10" in " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "$" not in html


def test_only_an_earlier_page_is_written_over(corpus_folder, tmp_path, capsys):
    page, mine = tmp_path / "page.html", tmp_path / "mine.html"
    page.touch()
    for num in ("1", "2"):
        assert main([str(corpus_folder), "--num", num, "--html", str(page), "--max_num_cpus", "1"]) == 0
    assert page.read_text().count("<article") == 2
    mine.write_text("<!doctype html>\n<p>mine")
    with pytest.raises(UserError, match=r"mine\.html: is there already and is no page that inspect wrote"):
        main([str(corpus_folder), "--html", str(mine)])
    assert mine.read_text() == "<!doctype html>\n<p>mine"


def test_the_instances_shown_are_those_of_the_samples_file(corpus_folder, tmp_path, capsys):
    folder = shutil.copytree(corpus_folder, tmp_path / "c")
    content = json.loads((folder / "manifest.json").read_text())
    shards = [Shard(**shard) for shard in content["shards"]]
    write_samples(str(folder), shards, InstanceSettings(num_logged_samples=4))
    main([str(folder), "--num", "4", "--max_num_cpus", "1"])
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("A ")] == [
        line for line in (folder / "samples.txt").read_text().splitlines() if line.startswith("A ")
    ]


def test_dynamic_instances(dynamic_folder, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert main([str(dynamic_folder), "--num", "1", "--html", str(page), "--max_num_cpus", "1"]) == 0
    out = capsys.readouterr().out
    assert "not masked yet (dynamic)" in out
    assert "hidden by [MASK]" not in out
    assert "predictions per instance" not in out
    assert Page(page.read_text()).tags.count("article") == 1


def test_chosen_records(corpus_folder, capsys):
    shard = str(next(corpus_folder.rglob("*.gz")))
    assert main([shard, "--record", "7", "--record", "3"]) == 0
    out = capsys.readouterr().out
    assert out.index("record 7") < out.index("record 3")
    with pytest.raises(
        UserError, match=r"has (\d+) records, but record 99999 was asked for; the first is 0 and the last \d+$"
    ):
        main([shard, "--record", "99999"])
    with pytest.raises(UserError, match="--record needs one shard"):
        main([str(corpus_folder), "--record", "1"])
    with pytest.raises(UserError, match="--num -1"):
        main([shard, "--num", "-1"])


def test_wrong_instances_are_shown_and_the_status_says_so(
    tmp_path, serialise, frame, classic, small_vocabulary, capsys
):
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("\n".join(small_vocabulary.pieces))
    records = [serialise(classic(segment_ids=[0, 1] * 7)), serialise(classic())] + [
        serialise(classic(input_mask=[1]))
    ] * 9
    (tmp_path / "bad.tfrecord").write_bytes(frame(records))
    page = tmp_path / "page.html"
    assert main([str(tmp_path / "bad.tfrecord"), "--html", str(page), "--num", "20"]) == 1
    out = capsys.readouterr().out
    assert "10 wrong" in out
    assert "bad.tfrecord record 0: segment_ids is not zeros followed by ones" in out
    assert "and 5 more" in out
    assert "Most instances are wrong" in out
    text = "".join(Page(page.read_text()).texts)
    assert "10 wrong" in text
    assert "input_mask has 1 values, input_ids has 14" in text


def test_colours_on_a_terminal_and_none_with_no_color(corpus_folder, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    main([str(corpus_folder), "--num", "1", "--max_num_cpus", "1"])
    out = capsys.readouterr().out
    assert re.search(r"\x1b\[1;32m\[MASK→", out)
    monkeypatch.setenv("NO_COLOR", "1")
    main([str(corpus_folder), "--num", "1", "--max_num_cpus", "1"])
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", capsys.readouterr().out)


@pytest.mark.parametrize("v2_names", [False, True])
def test_records_of_the_reference_generator(tmp_path, topic_vocabulary, capsys, v2_names):
    """google-research/bert's format, as TF Model Garden's own writer makes it, gzipped and with either set of names."""
    pytest.importorskip("tensorflow")
    reference = pytest.importorskip("official.nlp.data.create_pretraining_data")
    import random

    from official.nlp.tools import tokenization

    (tmp_path / "vocab.txt").write_text("\n".join(topic_vocabulary.pieces))
    (tmp_path / "text").write_text("The class statement.\nIt is used to define a class.\nSee also def.\n\n" * 8)
    tokenizer = tokenization.FullTokenizer(str(tmp_path / "vocab.txt"), do_lower_case=False)
    instances = reference.create_training_instances(
        [str(tmp_path / "text")], tokenizer, reference.get_processor_text_fn(False, False),
        32, 3, 0.1, 0.15, 5, random.Random(1), do_whole_word_mask=True,
    )  # fmt: skip
    shard = tmp_path / "theirs"
    reference.write_instance_to_example_files(instances, tokenizer, 32, 5, [str(shard)], v2_names, v2_names)
    assert main([str(shard), "--num", "100"]) == 0
    out = capsys.readouterr().out
    assert f"checked all {len(instances):,} records of 1 shard: checksums and instances are right" in out
    shown = re.findall(r"record (\d+)  (\d+) pieces of 32 · (\d+) predictions.*\nA (.*)", out)
    assert len(shown) == len(instances)
    for record, pieces, predictions, first in shown:
        instance = instances[int(record)]
        assert int(pieces) == len(instance.tokens)
        assert int(predictions) == len(instance.masked_lm_positions)
        assert first.count("MASK→") == instance.tokens[: instance.tokens.index("[SEP]") + 1].count("[MASK]")


def test_a_folder_in_an_object_store(corpus_folder, s3, capsys):
    for path in corpus_folder.rglob("*.*"):
        storage.write_atomically(f"{s3}/alone/corpus/{path.relative_to(corpus_folder)}", path.read_bytes())
    assert main([f"{s3}/alone/corpus", "--num", "2", "--html", f"{s3}/page.html", "--max_num_cpus", "1"]) == 0
    there = capsys.readouterr().out
    main([str(corpus_folder), "--num", "2", "--max_num_cpus", "1"])
    here = capsys.readouterr().out
    assert there.splitlines()[1:-2] == here.splitlines()[1:]
    assert Page(storage.read_bytes(f"{s3}/page.html").decode()).tags.count("article") == 2


SENTENCE_STATS = {
    "documents": 30,
    "num_rejected": 1,
    "filtered": {"near_copy": {"documents": 9, "bytes": 5000}},
    "masked": {"email": {"documents": 2, "places": 3}},
}


@pytest.fixture
def cleaned(corpus_folder, tmp_path):
    """The output of a corpus job: instances, and the sentences beside them."""
    shutil.copytree(corpus_folder, tmp_path / "corpus/instances")
    sentences = tmp_path / "corpus/sentences"
    sentences.mkdir()
    shards = (Shard("sentences-00000-of-00001.txt", "default", 900, 30, 5, ""),)
    (sentences / "manifest.json").write_text(Manifest("sentences", "hash", {}, shards).to_json())
    (sentences / "corpus_stats.json").write_text(json.dumps(SENTENCE_STATS))
    return tmp_path / "corpus"


def test_what_was_cleaned_is_shown_with_the_instances_and_on_their_page(cleaned, capsys, tmp_path):
    page = tmp_path / "page.html"
    for path in (cleaned, cleaned / "instances"):
        assert main([str(path), "--html", str(page), "--max_num_cpus", "1"]) == 0
        out = capsys.readouterr().out
        assert re.search(r"near_copy +9 +22.50%", out)
        assert re.search(r"email +3 +2", out)
        assert out.index("near_copy") < out.index("checked")
        text = " ".join("".join(Page(page.read_text()).texts).split())
        assert "Cleaning" in text
        assert "Personal data masked" in text


def test_of_sentences_only_what_was_cleaned_is_shown(cleaned, capsys):
    assert main([str(cleaned / "sentences")]) == 0
    out = capsys.readouterr().out
    assert "sentences: 1 shard, 30 documents, 900 sentences" in out
    assert re.search(r"kept +30 +75.00%", out)
    with pytest.raises(UserError, match="holds sentences: --html and --record show instances"):
        main([str(cleaned / "sentences"), "--html", "page.html"])


def test_statistics_of_sentences_that_lie_elsewhere_are_found(cleaned, capsys, tmp_path):
    (cleaned / "sentences").rename(tmp_path / "elsewhere")
    assert main([str(cleaned)]) == 0
    assert "near_copy" not in capsys.readouterr().out
    stats = json.loads((cleaned / "instances/corpus_stats.json").read_text())
    (cleaned / "instances/corpus_stats.json").write_text(json.dumps({**stats, "data_dir": str(tmp_path / "elsewhere")}))
    assert main([str(cleaned)]) == 0
    assert "near_copy" in capsys.readouterr().out
    (tmp_path / "elsewhere/manifest.json").write_text("{}")
    assert main([str(cleaned)]) == 0
    assert "near_copy" not in capsys.readouterr().out
