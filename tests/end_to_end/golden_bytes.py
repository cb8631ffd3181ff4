"""Hashes of the bytes that the jobs write, and of the batches that the trainer reads, for a small corpus.

`golden_bytes.json` holds them, and `test_golden_bytes.py` compares. Where a change of bytes is meant, raise
`FORMAT_VERSION` in `beam_jobs/settings.py` if the same settings now mean other bytes, say so in the changelog, and run

    PYTHONPATH=. .venv/bin/python tests/end_to_end/golden_bytes.py --write

The hashes depend neither on the number of workers nor on the Python version nor on the folder. A compressed shard is
hashed twice: its content, which must be the same everywhere, and the file, whose bytes are ISA-L's to choose. `COMPRESSOR`
is the hash of something else that ISA-L compressed where the hashes were made: a library or a processor for which it
differs writes other files of the same content.
"""

import argparse
import gzip
import hashlib
import itertools
import json
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from isal import isal_zlib

from beam_jobs.jobs.instances.pipeline import run_instances
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings
from trainer.data.batch_settings import BatchSettings
from trainer.data.batches import open_batches
from trainer.plans.settings import Masking

LITERALS = Path(__file__).with_suffix(".json")
COMPRESSOR = "compressor"

SENTENCES = {
    "nb": (
        "Hunden løp over jordet kl. 10.30, og katten så på.",
        "Dr. Åse Øverås bor i Tromsø, ca. 3 km fra sentrum.",
        "«Blåbær er søtt», sa hun – og spiste 1 000 av dem!",
        "Stortinget vedtok loven 17. mai 1814 etter lange forhandlinger.",
        "Hva skjer hvis det regner i morgen?",
    ),
    "nn": ("Eg veit ikkje kva dei heiter.", "Ho kjem frå Voss, f.eks. med toget.", "Kvifor det?"),
    "en": (
        "The committee approved the U.S. budget on Jan. 3rd, i.e. two weeks late.",
        'Mr. Smith said: "It isn\'t over yet." Nobody answered him.',
        "Self-supervised pretraining of transformers needs unlabelled text only.",
        "Is 3.14 close enough to pi? It depends…",
    ),
    "de": (
        "Die Straße ist z. B. am 1. April gesperrt.",
        "Überraschenderweise kam niemand, d.h. fast niemand.",
        "Warum?",
    ),
    "fr": ("L’été, M. Dupont mange des crêpes à l’œuf.", "Où est-il allé ? Personne ne le sait !"),
    "is": ("Þetta er íslenskur texti með ð, þ og æ.", "Hún kom kl. 8 í gær."),
    "fi": ("Tämä on lyhyt lause.", "Sää oli esim. eilen kylmä, mutta tänään +20 °C."),
    "pl": ("Zażółć gęślą jaźń.", "Prof. Łukasz mieszka przy ul. Długiej 5."),
    "ru": ("Мама мыла раму.", "В 2020 г. всё изменилось, т.е. почти всё."),
    "el": ("Η γρήγορη αλεπού πηδάει.", "Τι ώρα είναι; ΟΔΥΣΣΕΥΣ έφυγε."),
    "tr": ("İstanbul'da yağmur yağıyor.", "Işık ılık mı, değil mi?"),
    "zh": ("今天天气很好。我们去公园吧！", "他说：“不行。”然后走了。"),
    "ja": ("吾輩は猫である。名前はまだ無い。", "これは何ですか？"),
    "ko": ("안녕하세요. 오늘은 날씨가 좋습니다.", "그는 3.5km를 걸었다."),
}
"""Sentences to make documents of, some with more than one sentence, by language."""

ODD = (
    "e\u0301te\u0301 a\u030a \ufb01n \u00ad soft\u00adhyphen\u200b zero\u00a0width\u3000spaces\ttabs",
    "emoji 👩‍👩‍👧 🇳🇴 \U0001d54f 𐍈 and \ufffd and \u2028 separators",
    "control \x01 \x7f \x85 characters, [MASK] and [SEP] typed, ##pieces too",
    "a" * 250 + " is a long word; " + "ab" * 90 + " is not",
    "!!! ??? ... — – ‘quotes’ “more” „noch“ (brackets) {a} <b> $5 €6 50% #1 @x a/b\\c",
)


def write_text(folder: Path) -> None:
    """Raw text below `folder`: JSON lines, plain and gzipped, and text files; of one size and content everywhere."""
    folder.mkdir(parents=True)
    languages = list(SENTENCES)
    lines = []
    for number in range(160):
        language = languages[number % len(languages)]
        own = SENTENCES[language]
        count = 1 + number * 7 % 12
        sentences = [own[(number * 3 + k * (1 + number % 5)) % len(own)] for k in range(count)]
        if number % 9 == 4:
            sentences.insert(number % (count + 1), ODD[number // 9 % len(ODD)])
        text = "\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4))
        lines.append(json.dumps({"id": f"d{number}", "lang": language, "text": text}, ensure_ascii=number % 2 == 0))
    lines[40:40] = ["{broken", json.dumps({"id": "empty", "text": " \n "}), json.dumps({"id": "none"}), ""]
    (folder / "a.jsonl").write_bytes("\n".join(lines[:100]).encode() + b"\n")
    (folder / "b.jsonl.gz").write_bytes(_stored("\n".join(lines[100:]).encode()))
    mixed = [sentence for language in languages for sentence in SENTENCES[language]]
    (folder / "c.txt").write_bytes("\n\n".join(mixed).encode() + b"\n\xff\xfe not UTF-8 \xe5\n")
    (folder / "dev").mkdir()
    (folder / "dev" / "d.txt").write_bytes("\r\n".join(mixed[::-1]).encode())


def write_pairs(folder: Path) -> None:
    """Records of two texts below `folder`, some of them too long for an instance, one without its second text."""
    folder.mkdir(parents=True)
    languages = list(SENTENCES)
    rows: list[dict[str, str]] = []
    for number in range(90):
        own = SENTENCES[languages[number % len(languages)]]
        rows.append({"id": f"p{number}", "title": own[number % len(own)], "body": "\n".join(own * (number % 4 + 1))})
    rows[30:30] = [{"id": "none", "title": own[0]}]
    lines = [json.dumps(row, ensure_ascii=number % 2 == 0) for number, row in enumerate(rows)]
    (folder / "pairs.jsonl").write_bytes("\n".join(lines).encode() + b"\n")


def _stored(data: bytes) -> bytes:
    """A gzip file that is not compressed: as large whatever the library, because a job's input is known by its sizes."""
    size = len(data)
    head = b"\x1f\x8b\x08" + bytes(7) + b"\x01" + struct.pack("<HH", size, 0xFFFF - size)
    return head + data + struct.pack("<II", zlib.crc32(data), size)


def golden_bytes() -> dict[str, dict[str, str]]:
    """Run all jobs in the working directory, which must be empty; hashes by job and settings, and then by file."""
    write_text(Path("raw"))
    write_pairs(Path("pairs"))
    made: dict[str, dict[str, str]] = {COMPRESSOR: {"": _compressor()}}
    common: dict[str, Any] = {"max_num_cpus": 1, "max_rejected": 1.0}
    vocabularies = {"cased": {}, "uncased": {"lower_case": True, "min_frequency": 3, "alphabet_size": 150}}
    for name, changes in vocabularies.items():
        folder = f"vocabulary/{name}"
        run_vocabulary(VocabularySettings(("raw",), folder, vocab_size=700, name=name, **common, **changes))
        made[folder] = hash_files(Path(folder))
    segmented: dict[str, dict[str, Any]] = {
        "nfc": {"dev_fraction": 0.1, "test_fraction": 0.05},
        "as it is": {"normalize": "none", "documents_are": "lines", "language": "Norwegian"},
        "pairs": {"input": ("pairs",), "text_field": "title", "pair_field": "body", "dev_fraction": 0.1},
    }
    for name, changes in segmented.items():
        folder = f"segment/{name}"
        run_segment(SegmentSettings(**{"input": ("raw",), "output": folder, "shard_mb": 0.006, **common, **changes}))
        made[folder] = hash_files(Path(folder))
    for name, changes in INSTANCES.items():
        folder = f"instances/{name}"
        run_instances(_instance_settings(folder, changes))
        made[folder] = hash_files(Path(folder))
    for name, changes in BATCHES.items():
        made[f"batches/{name}"] = hash_batches(f"instances/{name}", **changes)
    return made


INSTANCES: dict[str, dict[str, Any]] = {
    "nsp": {},
    "nsp not gzipped": {"gzipped": False, "masking": "wordpiece", "max_seq_length": 48},
    "nsp uncased": {"model_class": "vocabulary/uncased/uncased.json", "replace_per": "word", "short_seq_prob": 0.5},
    "nsp as in the original": {"compatibility": "bert", "random_seed": 7, "max_input_chars_per_word": 100},
    "nsp span": {"masking": "span", "max_predictions_per_seq": 11},
    "nsp dynamic": {"masking": "dynamic"},
    "sop": {"objective": "sop"},
    "sop span not gzipped": {"objective": "sop", "masking": "span", "gzipped": False, "replace_per": "word"},
    "sop ngram": {"objective": "sop", "masking": "ngram"},
    "full_sentences": {"objective": "full_sentences"},
    "full_sentences dynamic not gzipped": {"objective": "full_sentences", "masking": "dynamic", "gzipped": False},
    "pairs_given": {"input": ("segment/pairs",), "objective": "pairs_given"},
    "pairs_matching dynamic": {"input": ("segment/pairs",), "objective": "pairs_matching", "masking": "dynamic"},
    "foreign sentence files": {"input": ("segment/as it is/*.txt",), "shard_mb": 0.01, "masked_lm_prob": 0.3},
}
BATCHES: dict[str, dict[str, Any]] = {
    "nsp": {},
    "nsp dynamic": {},
    "sop": {},
    "full_sentences": {},
    "full_sentences dynamic not gzipped": {"packing": True, "masking": Masking("span", replace_per="word")},
}


def _instance_settings(folder: str, changes: Mapping[str, Any]) -> InstanceSettings:
    usual = {
        "input": ("segment/nfc",),
        "model_class": "vocabulary/cased/cased.json",
        "max_seq_length": 64,
        "dupe_factor": 3,
        "shard_mb": 0.006,
        "max_num_cpus": 1,
        "num_logged_samples": 6,
    }
    return InstanceSettings(output=folder, **{**usual, **changes})


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a job's output, and the hash of its settings; of a gzipped file its content too.

    `manifest.json`, `corpus_stats.json` and `config.toml` are left out: they tell of versions and of the launch.
    """
    hashes = {"settings_hash": json.loads((folder / "manifest.json").read_text())["settings_hash"]}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name in ("manifest.json", "corpus_stats.json", "config.toml"):
            continue
        data = path.read_bytes()
        hashes[name] = hashlib.sha256(data).hexdigest()
        if name.endswith(".gz"):
            hashes[name.removesuffix(".gz")] = hashlib.sha256(gzip.decompress(data)).hexdigest()
    return hashes


def hash_batches(folder: str, masking: Masking | None = None, packing: bool = False) -> dict[str, str]:
    """SHA-256 of each array of a split's batches, two epochs and a bit of them; its dtype, shape and bytes count."""
    settings = BatchSettings(
        sequence_length=64, max_predictions=10, batch_size=8, seed=5, masking=masking or Masking(), packing=packing
    )
    source = open_batches(folder, "train", settings)
    hashes: dict[str, Any] = {}
    batches = source.batches(0)
    for batch in itertools.islice(batches, 2 * source.rows // 8 + 2):
        for name, values in batch.items():
            content = f"{values.dtype.str} {values.shape} ".encode() + np.ascontiguousarray(values).tobytes()
            hashes.setdefault(name, hashlib.sha256()).update(content)
    batches.close()  # type: ignore[attr-defined]
    return {name: hashes[name].hexdigest() for name in sorted(hashes)}


def _compressor() -> str:
    """The hash of what ISA-L makes here, at the level and in the format of the shards, of something that never changes."""
    digests = b"".join(hashlib.sha256(b"%d" % (number // 3)).hexdigest().encode() for number in range(3000))
    compressor = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    return hashlib.sha256(compressor.compress(digests) + compressor.flush()).hexdigest()


def main() -> None:
    """Compare, or write the literals anew with --write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {LITERALS.name} anew")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        made = golden_bytes()
        os.chdir(LITERALS.parent)
    before = json.loads(LITERALS.read_text()) if LITERALS.exists() else {}
    changed = [
        f"{job}: {name}" for job in made for name in made[job] if before.get(job, {}).get(name) != made[job][name]
    ]
    print("\n".join(changed) or "every hash is as before", file=sys.stderr)
    if options.write:
        LITERALS.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
