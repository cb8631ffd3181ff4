"""The report of `inspect` for a terminal: coloured instances, a table of figures with small bars, the verdict."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from beam_jobs.inspection.figures import figures
from beam_jobs.inspection.inspected_corpus import Corpus
from beam_jobs.inspection.render import KEPT, MASKED, RANDOM, STYLES, TEXT, UNKNOWN, render_rich, title
from beam_jobs.inspection.samples import Sample
from beam_jobs.inspection.scan import ShardScan
from beam_jobs.records import Manifest

_BAR_CELLS = 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = " ▁▂▃▄▅▆▇█"
_SHOWN_EMPTY = 5


def make_console() -> Console:
    """Standard output: coloured in a terminal; plain if piped or if NO_COLOR is set. Piped lines are never cut."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=200)


def print_corpus(console: Console, corpus: Corpus) -> None:
    """Print one line about the corpus."""
    records = [shard.records for shard in corpus.shards]
    known = f"{sum(records):,} instances" if -1 not in records else ""
    parts = [f"{len(corpus.shards):,} shard{'s' * (len(corpus.shards) > 1)}", known]
    parts.append(f"vocabulary of {len(corpus.vocabulary):,} pieces ({corpus.vocabulary_uri})")
    console.print(Text(corpus.title, "bold") + Text(": " + ", ".join(part for part in parts if part)), soft_wrap=True)


def print_sentences(console: Console, folder: str, manifest: Manifest) -> None:
    """Print one line about a folder of sentences."""
    shards = len(manifest.shards)
    line = f": {shards:,} shard{'s' * (shards > 1)}, {manifest.documents:,} documents, {manifest.records:,} sentences"
    console.print(Text(folder, "bold") + Text(line), soft_wrap=True)


def print_samples(console: Console, corpus: Corpus, samples: Sequence[Sample]) -> None:
    """Print a legend and the instances."""
    if not samples:
        return
    legend = Text("\n")
    if any(not sample.instance.is_dynamic for sample in samples):
        legend.append("predicted pieces as [given→original]: ")
        for kind, text in ((MASKED, "hidden by [MASK]"), (RANDOM, "another piece"), (KEPT, "kept as it was")):
            legend.append(text, STYLES[kind]).append("   ")
    legend.append("segment B", STYLES[TEXT, 1]).append("   ").append("[UNK]", STYLES[UNKNOWN])
    console.print(legend, soft_wrap=True)
    for sample in samples:
        console.print()
        head = Text(f"{sample.shard} record {sample.record}", "bold")
        console.print(
            head + Text(f"  {title(sample.instance, corpus.vocabulary, corpus.labels)}", "dim"), soft_wrap=True
        )
        console.print(render_rich(sample.instance, corpus.vocabulary), soft_wrap=not console.is_terminal)


def print_figures(console: Console, corpus: Corpus, scan: ShardScan) -> None:
    """Print the table of distributions."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, min_width=_BAR_CELLS)
    table.add_column(style="dim")
    for figure in figures(scan.summary, corpus.labels):
        drawn = _sparkline(figure.histogram) if figure.histogram is not None else _bar(figure.share or 0.0)
        table.add_row(figure.name, figure.value, Text(drawn, "cyan"), figure.note)
    console.print()
    console.print(table)


def print_verdict(console: Console, corpus: Corpus, scan: ShardScan) -> None:
    """Print what was checked and what is wrong."""
    read = f"{scan.records:,} records of {scan.shards:,} shard{'s' * (scan.shards > 1)}"
    whole = "all " if scan.read_all else ""
    rest = "" if scan.read_all else " (--check all reads everything)"
    console.print()
    if scan.empty:
        shown = ", ".join(scan.empty[:_SHOWN_EMPTY]) + (" ..." if len(scan.empty) > _SHOWN_EMPTY else "")
        console.print(f"{len(scan.empty):,} of {scan.shards:,} shards without a record: {shown}", soft_wrap=True)
    if not scan.wrong:
        console.print(
            Text("checked ") + Text(f"{whole}{read}{rest}: checksums and instances are ") + Text("right", "bold green")
        )
        return
    console.print(Text(f"checked {whole}{read}{rest}: ") + Text(f"{scan.wrong:,} wrong", "bold red"), soft_wrap=True)
    for violation in scan.violations:
        place = violation.shard + (f" record {violation.record}" if violation.record >= 0 else "")
        console.print(Text(f"  {place}: {violation.what}"), soft_wrap=True)
    if scan.wrong > len(scan.violations):
        console.print(Text(f"  and {scan.wrong - len(scan.violations):,} more"))
    if scan.wrong > scan.records / 2:
        console.print(f"  Most instances are wrong: were they made with {corpus.vocabulary_uri}?", soft_wrap=True)


def _bar(share: float) -> str:
    eighths = round(min(max(share, 0.0), 1.0) * _BAR_CELLS * 8)
    if share > 0:
        eighths = max(eighths, 1)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def _sparkline(histogram: np.ndarray) -> str:
    """A histogram in _BAR_CELLS characters, each as high as the largest bin in it, on a square-root scale."""
    cells = min(_BAR_CELLS, len(histogram))
    edges = np.linspace(0, len(histogram), cells + 1).astype(int)
    heights = np.sqrt([histogram[a:b].sum() for a, b in pairwise(edges)])
    levels = np.ceil(heights / max(heights.max(), 1) * (len(_LEVELS) - 1)).astype(int)
    return "".join(_LEVELS[level] for level in levels)
