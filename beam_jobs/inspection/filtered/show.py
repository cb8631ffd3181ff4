"""Prints filtered documents beside the ones that are kept for them."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from difflib import SequenceMatcher
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from beam_jobs import storage
from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError
from beam_jobs.inspection.filtered.entries import filtered_files, pick_entries
from beam_jobs.inspection.filtered.source_documents import Place, source_documents
from beam_jobs.inspection.inspected_corpus import sentence_folder
from beam_jobs.inspection.terminal import make_console
from beam_jobs.records import STATS_NAME, Document, Filtered, stats_from_json
from beam_jobs.settings import SegmentSettings

_SHOWN_CHARACTERS = 800
_MOST_CHARACTERS = 1 << 16  # of a text, in which differences are looked for
_COMPARED_WORDS, _WORDS_BEFORE = 130, 15
_MISSING = "(cannot be read from the input any more)"


def show_filtered(path: str, num: int, reason: str = "") -> int:
    """Print `num` filtered documents of each reason, or of `reason`, a page at a time in a terminal. Returns 0.

    `path` is a folder of sentences, or the output of a corpus job. The texts are read from the input of the job; of a
    document whose input is no longer there, only the place is shown. Raises UserError if `path` is no such folder, or if
    there is no such reason.
    """
    if num < 0:
        raise UserError(f"--num {num} must not be negative")
    folder = sentence_folder(path)
    if not folder:
        raise UserError(f"{path}: holds no sentences of a job; name the output of a segment or corpus job")
    stats = _stats(folder)
    files = filtered_files(folder)
    if reason and reason not in files:
        known = f"the reasons there are {', '.join(sorted(files))}" if files else "nothing was filtered out"
        raise UserError(f"--reason {reason}: {known}{did_you_mean(reason, tuple(files), before='; ')}")
    console = make_console()
    if not files:
        console.print(f"{folder}: no document was filtered out", soft_wrap=True)
        return 0
    settings = settings_of(stats, folder)
    chosen = {
        name: pick_entries(files[name], num, settings.random_seed) for name in sorted(files) if reason in ("", name)
    }
    documents = source_documents((place for entries in chosen.values() for place in _places(entries)), settings)
    os.environ.setdefault("LESS", "FRX")  # as git does: colours shown, and no pager for what fits on the screen
    with console.pager(styles=True) if console.is_terminal else nullcontext():
        for name, entries in chosen.items():
            print_reason(console, name, stats.get("filtered", {}).get(name, {}).get("documents", 0), entries, documents)
    return 0


def settings_of(stats: Mapping[str, Any], folder: str) -> SegmentSettings:
    """The settings of the segment job with these statistics."""
    known = {f.name for f in dataclasses.fields(SegmentSettings)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stats.items() if name in known
    }
    inputs = stats.get("data_dir", ())
    given["input"] = (inputs,) if isinstance(inputs, str) else tuple(inputs)
    return dataclasses.replace(SegmentSettings(), **{**given, "output": folder})


def print_reason(
    console: Console, reason: str, documents: int, entries: Sequence[Filtered], found: Mapping[Place, Document]
) -> None:
    """Print the entries of one reason: the place and the text of each, beside those of the kept document."""
    shown = f", {len(entries):,} shown" if len(entries) < documents else ""
    console.print(Text(f"\n{reason}", "bold") + Text(f": {documents:,} documents{shown}", "dim"), soft_wrap=True)
    for entry in entries:
        text = _text_of(found.get((entry.source, entry.offset)), entry.id)
        head = _place(entry.source, entry.offset, entry.id) + (f" · {entry.detail}" if entry.detail else "")
        if not entry.kept_source:
            console.print(Text(f"\n{head}", "bold"), soft_wrap=True)
            console.print(Text(_excerpt(text)))
            continue
        kept = _text_of(found.get((entry.kept_source, entry.kept_offset)), entry.kept_id)
        alike = f"{entry.shared_bands} shared bands" if entry.shared_bands else "an exact copy"
        if not entry.reason.startswith("duplicate"):
            alike = "has most of its lines"
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True)
        table.add_column(f"removed: {head}", ratio=1, overflow="fold")
        kept_place = _place(entry.kept_source, entry.kept_offset, entry.kept_id)
        table.add_column(f"kept: {kept_place} · {alike}", ratio=1, overflow="fold")
        table.add_row(*beside(text, kept, plain=not console.is_terminal))
        console.print()
        console.print(table)


def beside(removed: str | None, kept: str | None, plain: bool = False) -> tuple[Text, Text]:
    """Some words of both texts, from shortly before the first that differ, with what only one of them has marked.

    It is red and green, or if `plain` in brackets, as `git diff --word-diff` marks it.
    """
    if removed is None or kept is None:
        return Text(_excerpt(removed)), Text(_excerpt(kept))
    words, others = removed[:_MOST_CHARACTERS].split(), kept[:_MOST_CHARACTERS].split()
    differ = (i for i, (word, other) in enumerate(zip(words, others, strict=False)) if word != other)
    begin = max(next(differ, 0) - _WORDS_BEFORE, 0)
    words, others = words[begin : begin + _COMPARED_WORDS], others[begin : begin + _COMPARED_WORDS]
    left, right = Text("... " if begin else ""), Text("... " if begin else "")
    for tag, a, b, c, d in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        for text, part, style, mark in (
            (left, words[a:b], "red", "[-{}-] "),
            (right, others[c:d], "green", "{{+{}+}} "),
        ):
            joined = " ".join(part)
            if tag == "equal":
                text.append(joined + " ")
            elif joined:
                text.append(mark.format(joined) if plain else joined + " ", style)
    return left, right


def _places(entries: Sequence[Filtered]) -> list[Place]:
    kept = [(entry.kept_source, entry.kept_offset) for entry in entries if entry.kept_source]
    return [*((entry.source, entry.offset) for entry in entries), *kept]


def _place(source: str, offset: int, id: str) -> str:
    return f"{source} at {offset:,}" + (f" ({id})" if id and not id.startswith(source) else "")


def _text_of(document: Document | None, id: str) -> str | None:
    """The text of a document, unless another one stands at its place now, because the input has changed."""
    if document is None or (id and document.id.encode("utf-8", "replace").decode() != id):
        return None
    return document.text


def _excerpt(text: str | None) -> str:
    if text is None:
        return _MISSING
    words = " ".join(text[:_MOST_CHARACTERS].split())
    return words if len(words) <= _SHOWN_CHARACTERS else words[:_SHOWN_CHARACTERS] + " ..."


def _stats(folder: str) -> dict[str, Any]:
    path = storage.join(folder, STATS_NAME)
    try:
        return stats_from_json(storage.read_bytes(path).decode(), path)
    except ValueError as error:
        raise UserError(f"{path}: holds no statistics ({error}); run the job again") from error
