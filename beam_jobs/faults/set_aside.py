"""What a whole job set aside: gathered into files, compared with what was kept, and reported at the end of the job."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, BinaryIO

import orjson

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.execution.stats_file import read_stats
from beam_jobs.faults.filtered_out import filtered_lines, num_filtered
from beam_jobs.faults.source_faults import DOUBTFUL, METADATA
from beam_jobs.records import REJECTED_FOLDER
from beam_jobs.storage.in_order import in_order

REMEDIES = {
    "text_missing": "name the field that holds the text by --text_field",
    "text_null": "name the field that holds the text by --text_field",
    "text_not_a_string": "name the field that holds the text by --text_field",
    "pair_missing": "name the field that holds the second text by --pair_field",
    "broken_json": "a .jsonl file holds JSON objects, one a line",
    "broken_row": "each row must have the columns of the first line, with quotation marks around cells that hold some or line ends",
    "invalid_utf8": "convert the input to UTF-8 (iconv does it)",
    "empty_file": "name files that hold text",
    "not_text": "convert it to UTF-8 text, or take it out of the input",
    "html": "extract the text of the pages first, or take the archive's WET files",
    "too_large": "choose --documents_are=lines or paragraph_blocks",
    "damaged_file": "fetch the damaged files again",
}
_NAMES_SHOWN = 3
_OPEN_AT_ONCE = 16  # files of rejections
_FETCHED_BYTES = 1 << 20  # of each of them
_FEW_FILES = 5  # any corpus may have this many .json files with descriptions
_DETAIL_SHOWN = 200


def gather_rejections(range_rows: Iterable[ItemRow], output: str) -> dict[str, str]:
    """Write `rejected/<reason>.jsonl` from the rejections of all ranges, in the order of the input.

    Returns the first rejection for each reason, as text for a message.
    """
    first: dict[str, str] = {}
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        names = (row["rejections"] for row in range_rows if row["rejections"])
        uris = (storage.join(output, name) for name in names)
        for stream in in_order(_open_rejections, uris, _OPEN_AT_ONCE):
            for line in _closing(stream):
                rejection = orjson.loads(line)
                reason = rejection["reason"]
                if reason not in files:
                    uri = storage.join(output, REJECTED_FOLDER, f"{reason}.jsonl")
                    files[reason] = stack.enter_context(storage.atomic_writer(uri, temporary_folder(output)))
                    first[reason] = f"{rejection['source']}: {rejection['detail']}"[:_DETAIL_SHOWN]
                files[reason].write(line)
    return first


def set_aside_stats(totals: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of `corpus_stats.json` about it, from the summed counts of all `SourceFaults`."""
    rejected = totals.get("rejected", {})
    return {
        "bytes_read": totals.get("bytes_read", 0),
        "num_rejected": sum(rejected.values()),
        "rejected": rejected,
        "rejected_bytes": totals.get("rejected_bytes", {}),
        "repaired": totals.get("repaired", {}),
        "doubtful_repairs": totals.get("doubtful", 0),
        "noted": {
            note: {"files": len(names), "first": sorted(names)[:_NAMES_SHOWN]}
            for note, names in totals.get("noted", {}).items()
        },
    }


def check_set_aside(
    stats: Mapping[str, Any], first: Mapping[str, str], max_rejected: float, input: Sequence[str], output: str
) -> None:
    """Raise UserError if nothing was kept, or if a larger share than `max_rejected` was set aside.

    Args:
        stats: of the corpus, with the entries of `set_aside_stats` and `documents`, the number of documents kept.
        first: the result of `gather_rejections`.
        max_rejected: share, 0 to 1.
        input: the patterns of `--input`.
        output: folder of the job.
    """
    rejected, kept = stats["num_rejected"], stats["documents"]
    lost, read = sum(stats["rejected_bytes"].values()), stats["bytes_read"]
    folder = storage.join(output, REJECTED_FOLDER)
    reasons = _by_weight(stats)
    named = ", ".join(f"{stats['rejected'][reason]:,} {reason}" for reason in reasons[:4])
    example = f" ({first[reasons[0]]})" if reasons and first.get(reasons[0]) else ""
    remedy = REMEDIES.get(reasons[0], "look there") if reasons else ""
    if not kept:
        notes = "".join(f"; {note}" for note in _notes(stats))
        why = (
            f"all were set aside ({named}); see {folder}{example}: {remedy}"
            if rejected
            else f"the input holds none{notes}"
        )
        raise UserError(f"no document to write from --input {' '.join(input)}: {why}")
    documents = rejected + kept + num_filtered(stats)
    share, share_of_bytes = rejected / documents, lost / read if read else 0.0
    if share > max_rejected:
        what = f"{rejected:,} of {documents:,} documents ({share:.1%}) were set aside"
    elif share_of_bytes > max_rejected:
        what = f"{_size(lost)} of {_size(read)} of the input ({share_of_bytes:.1%}) were set aside"
    else:
        _check_repaired(stats, max_rejected)
        _check_metadata(stats, max_rejected)
        return
    raise UserError(
        f"{what} ({named}), more than --max_rejected {max_rejected}; see {folder}{example}: {remedy}, or raise "
        "--max_rejected to go on without them"
    )


def _check_repaired(stats: Mapping[str, Any], max_rejected: float) -> None:
    """Raise UserError if so many short texts lost a byte that these were probably letters in another encoding."""
    doubtful, kept = stats["doubtful_repairs"], stats["documents"]
    if doubtful > max_rejected * kept:
        notes = [line for line in _notes(stats) if line.startswith(DOUBTFUL)]
        raise UserError(
            f"{doubtful:,} of {kept:,} documents ({doubtful / kept:.1%}) have a byte that is not UTF-8 and would lose it, "
            f"more than --max_rejected {max_rejected} ({'; '.join(notes)}): convert the input to UTF-8, or raise "
            "--max_rejected to go on without these bytes"
        )


def _check_metadata(stats: Mapping[str, Any], max_rejected: float) -> None:
    """Raise UserError if so many .json files seem to describe documents that they must be the documents themselves."""
    files = sum(note["files"] for text, note in stats["noted"].items() if text.startswith(METADATA))
    if files > max(_FEW_FILES, max_rejected * stats["documents"]):
        notes = [line for line in _notes(stats) if line.startswith(METADATA)]
        raise UserError(
            f"{files:,} .json files hold no document beside {stats['documents']:,} that were kept ({'; '.join(notes)}): "
            "name the field that holds the text by --text_field, or take these files out of the input"
        )


def set_aside_lines(stats: Mapping[str, Any], output: str) -> list[str]:
    """Lines for users about what was set aside, repaired or odd; none if there is nothing to report."""
    lines = []
    if stats["num_rejected"]:
        sizes = stats.get("rejected_bytes", {})
        named = ", ".join(
            f"{stats['rejected'][reason]:,} {reason} of {_size(sizes.get(reason, 0))}" for reason in _by_weight(stats)
        )
        folder = storage.join(output, REJECTED_FOLDER)
        lines.append(f"set aside: {stats['num_rejected']:,} documents ({named}); see {folder}")
    if stats["repaired"]:
        named = ", ".join(f"{count:,} {kind}" for kind, count in sorted(stats["repaired"].items()))
        lines.append(f"repaired and kept, documents by kind: {named}")
    return [*lines, *(f"note: {note}" for note in _notes(stats))]


def print_set_aside(output: str) -> None:
    """Print `set_aside_lines` and `filtered_lines` of the finished corpus in a folder."""
    stats = read_stats(output)
    for line in (*set_aside_lines(stats, output), *filtered_lines(stats, output)):
        print(line)


def _notes(stats: Mapping[str, Any]) -> list[str]:
    notes = []
    for note, files in stats.get("noted", {}).items():
        more = files["files"] - len(files["first"])
        notes.append(f"{note}: {', '.join(files['first'])}" + (f" and {more:,} more" if more > 0 else ""))
    return notes


def _by_weight(stats: Mapping[str, Any]) -> list[str]:
    """The reasons, sorted by their share, the largest first."""
    sizes, counts = stats.get("rejected_bytes", {}), stats["rejected"]
    return sorted(counts, key=lambda reason: (-sizes.get(reason, 0), -counts[reason], reason))


def _size(size: int) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"


def _open_rejections(uri: str) -> BinaryIO:
    """The rejections of a range. From an object store, the first of them are fetched already."""
    return storage.open_input(uri, 0, _FETCHED_BYTES)


def _closing(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream, each with its newline."""
    with stream:
        yield from stream
