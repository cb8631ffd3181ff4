"""Tasks whose truth is constructed: a word decides the label, a name its tag, the question its answer."""

import json
import random

from trainer.finetuning.settings import FinetuneSettings, TaskSettings

GOOD = FinetuneSettings(TaskSettings("classify"), "model", ("train.jsonl",), "dev.jsonl", "output")
WORDS = [
    "god",
    "dårlig",
    "film",
    "bok",
    "var",
    "ikke",
    "den",
    "en",
    "og",
    "Oslo",
    "Bergen",
    "Kari",
    "Ola",
    "bor",
    "i",
    "hvor",
]
LETTERS = "abcdefghjklmnopqrstuvwxyzæøå"
PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *WORDS,
    *LETTERS,
    *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyzæøå"),
    *".,?",
]


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def texts(count, seed):
    """Texts with one of two words, which decides the label and the score."""
    draws, rows = random.Random(seed), []
    for number in range(count):
        label = draws.choice(["negativ", "positiv"])
        words = draws.choices(WORDS[2:9], k=draws.randint(2, 5))
        words.insert(draws.randrange(len(words)), "god" if label == "positiv" else "dårlig")
        rows.append({"id": number, "text": " ".join(words), "label": label})
    return rows


def sentences(count, seed):
    """Words of which names have a tag."""
    draws, kinds = random.Random(seed), {"Oslo": "B-LOC", "Bergen": "B-LOC", "Kari": "B-PER", "Ola": "B-PER"}
    chosen = [draws.choices(WORDS[2:15], k=draws.randint(3, 6)) for _ in range(count)]
    return [
        {"id": number, "tokens": words, "tags": [kinds.get(word, "O") for word in words]}
        for number, words in enumerate(chosen)
    ]


def questions(count, seed):
    """Where somebody lives is behind the name; every fourth question has no answer."""
    draws, rows = random.Random(seed), []
    for number in range(count):
        town, asked = draws.choice(["Oslo", "Bergen"]), draws.choice(["Kari", "Ola"])
        named = asked if number % 4 else {"Kari": "Ola", "Ola": "Kari"}[asked]
        context = f"{named} bor i {town}"
        place = context.index(town)
        answers = {"text": [town], "answer_start": [place]} if number % 4 else {"text": [], "answer_start": []}
        rows.append({"id": f"q{number}", "question": f"hvor bor {asked}", "context": context, "answers": answers})
    return rows
