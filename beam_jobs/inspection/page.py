"""The report of `inspect` as one self-contained HTML page: coloured instances and plots of the statistics.

The template `page.html` holds the style. Nothing is loaded from elsewhere, so the page can be mailed or archived. If
only a part of the corpus was read and there is a `corpus_stats.json`, the plots show the whole corpus from that file.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.decoding.summary import Summary
from beam_jobs.errors import UserError
from beam_jobs.inspection import charts
from beam_jobs.inspection.charts import Bar
from beam_jobs.inspection.cleaning import cleaning_html
from beam_jobs.inspection.figures import figures, mask_rate_by_position
from beam_jobs.inspection.inspected_corpus import Corpus
from beam_jobs.inspection.render import PREDICTED, TEXT, UNKNOWN, Span, label, segments, title
from beam_jobs.inspection.samples import Sample
from beam_jobs.inspection.scan import ShardScan
from beam_jobs.instances.counts import labels_of

TEMPLATE = Path(__file__).with_name("page.html")
_MOST_SOURCES = 12


def write_page(uri: str, corpus: Corpus, scan: ShardScan, samples: Sequence[Sample]) -> None:
    """Write the page to a path or URI. Raises UserError if this is impossible, and as `require_free` does."""
    require_free(uri)
    storage.write_atomically(uri, render_page(corpus, scan, samples).encode())


def require_free(uri: str) -> None:
    """Raise UserError if a file at `uri` is neither empty nor, judged by its beginning, a page of `inspect`."""
    if storage.exists(uri):
        content = storage.read_bytes(uri)
        if content and not content.startswith(TEMPLATE.read_bytes().partition(b"$title")[0]):
            raise UserError(f"--html {uri}: is there already and is no page that inspect wrote; name another file")


def render_page(corpus: Corpus, scan: ShardScan, samples: Sequence[Sample]) -> str:
    """The page as text."""
    shown = [_instance(sample, corpus) for sample in samples]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(corpus.title),
        figures=_corpus_figures(corpus),
        verdict=_verdict(scan),
        tiles="".join(_tiles(corpus, scan.summary)),
        counted=f"of {'all ' if scan.read_all else ''}{_number(scan.records, 'record')} read",
        plots="".join(_plots(corpus, scan)),
        cleaning=cleaning_html(corpus.sentence_stats),
        instances="".join(shown),
        choices=_choices(samples, corpus, any(" data-unknown" in article for article in shown)),
        settings=_settings(corpus),
    )


def _corpus_figures(corpus: Corpus) -> str:
    counts: Mapping[str, Mapping[str, int]] = corpus.stats.get("counts", {})
    parts = [_number(len(corpus.shards), "shard")]
    for key, name in (("num_documents", "document"), ("num_instances", "instance")):
        if counts:
            parts.append(_number(sum(split.get(key, 0) for split in counts.values()), name))
    parts.append(f"vocabulary of {len(corpus.vocabulary):,} pieces")
    model_class = corpus.manifest.vocabulary.get("model_class") if corpus.manifest else None
    parts.append(f"model class {model_class}" if model_class else "")
    parts.append(f"run {corpus.stats['run_name']}" if corpus.stats.get("run_name") else "")
    return escape(" · ".join(part for part in parts if part))


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _verdict(scan: ShardScan) -> str:
    read = f"{'all ' if scan.read_all else ''}{_number(scan.records, 'record')} of {_number(scan.shards, 'shard')}"
    if not scan.wrong:
        return f'<p class="verdict right">Checked {read}: every checksum and every instance is right.</p>'
    found = "".join(
        f"<li><b>{escape(v.shard)}{f' record {v.record}' if v.record >= 0 else ''}</b> {escape(v.what)}</li>"
        for v in scan.violations
    )
    more = scan.wrong - len(scan.violations)
    rest = f"<li>and {more:,} more</li>" if more else ""
    return f'<div class="verdict wrong">Checked {read}: {scan.wrong:,} wrong.<ul>{found}{rest}</ul></div>'


def _tiles(corpus: Corpus, summary: Summary) -> Iterable[str]:
    for figure in figures(summary, corpus.labels):
        yield (
            f'<div class="tile"><span class="name">{escape(figure.name.strip())}</span>'
            f'<span class="value">{escape(figure.value)}</span><span class="note">{escape(figure.note)}</span></div>'
        )


def _plots(corpus: Corpus, scan: ShardScan) -> Iterable[str]:
    summary = scan.summary
    totals: Mapping[str, Any] = corpus.stats.get("totals", {})
    whole = bool(totals)
    lengths = np.array(totals["lengths"]) if "lengths" in totals else summary.lengths
    per_instance = summary.predictions_per_instance
    if "predictions_per_instance" in totals:
        per_instance = np.array(totals["predictions_per_instance"])
    masked = totals.get("masked") or {"mask": summary.masked, "random": summary.random, "kept": summary.kept}
    labels = labels_of(totals) or summary.labels.tolist()
    of = "whole corpus" if whole else f"{_number(scan.records, 'record')} read"
    yield _plot("Length", charts.histogram(lengths, "pieces, [CLS] and [SEP] included", "pieces"), of)
    if sum(masked.values()):
        yield _plot("Predictions per instance", charts.histogram(per_instance, "predicted pieces", "predictions"), of)
    if summary.one_segment < summary.instances:
        yield _plot("Second segment", charts.bars(_labels(corpus, labels)), f"{of}; dashed: usual")
    if sum(masked.values()):
        kinds = [
            Bar("[MASK]", masked.get("mask", 0), "masked", 0.8),
            Bar("another piece", masked.get("random", 0), "random", 0.1),
            Bar("kept as it was", masked.get("kept", 0), "kept", 0.1),
        ]
        yield _plot("What stands at a predicted position", charts.bars(kinds), f"{of}; dashed: usual")
        usual = corpus.manifest.settings.get("masked_lm_prob", 0.15) if corpus.manifest else 0.15
        rate = charts.line(mask_rate_by_position(summary), "position", usual)
        read = f"{_number(scan.records, 'record')} read; dashed: the setting"
        yield _plot("Pieces predicted, by position", rate, read)
    counts = corpus.stats.get("counts", {})
    if len(counts) > 1:
        splits = [Bar(name, split.get("num_instances", 0)) for name, split in counts.items()]
        yield _plot("Instances by split", charts.bars(splits), of)
    raw: Mapping[str, Any] = corpus.sentence_stats.get("sources", {})  # those of the users, before shards
    sources = {name: source.get("bytes_out", 0) for name, source in raw.items()}
    if not sources:
        sources = {name: source.get("bytes_in", 0) for name, source in corpus.stats.get("sources", {}).items()}
    if len(sources) > 1:
        largest = sorted(sources, key=lambda name: -sources[name])[:_MOST_SOURCES]
        shown = [Bar(name, sources[name]) for name in largest]
        rest = sum(sources.values()) - sum(bar.count for bar in shown)
        shown += [Bar(f"{len(sources) - len(largest)} more", rest)] if rest else []
        yield _plot("Bytes of text by source", charts.bars(shown), of)


def _labels(corpus: Corpus, counts: Sequence[int]) -> list[Bar]:
    shares = corpus.objective.label_shares or (None,) * len(corpus.labels)
    named = zip(corpus.labels, counts, shares, strict=False)
    return [
        Bar(f"{label}: {words}", count, "b" if label else "a", share)
        for label, (words, count, share) in enumerate(named)
    ]


def _plot(name: str, svg: str, of: str) -> str:
    if not svg:
        return ""
    return f"<figure><figcaption>{escape(name)} <small>{escape(of)}</small></figcaption>{svg}</figure>"


def _choices(samples: Sequence[Sample], corpus: Corpus, unknown: bool) -> str:
    """What the list of instances can be narrowed to: those with a label, and those with [UNK]."""
    labels = sorted({label(sample.instance, corpus.labels) for sample in samples} - {""})
    options = [f'<option value="{escape(said)}">{escape(said)}</option>' for said in labels]
    options += ['<option value="[UNK]">with [UNK]</option>'] if unknown else []
    return "".join(options)


def _instance(sample: Sample, corpus: Corpus) -> str:
    instance, vocabulary = sample.instance, corpus.vocabulary
    said = label(instance, corpus.labels)
    parts = "".join(
        f'<p class="segment {name.lower()}"><b class="tag">{name}</b>{"".join(map(_span, part))}</p>'
        for name, part in zip("AB", segments(instance, vocabulary), strict=False)
    )
    what = title(instance, vocabulary, corpus.labels).removesuffix(said).removesuffix(" · ")
    kinds = "".join(f" data-{kind}" for kind in ("unknown",) if f'class="{kind}"' in parts)
    return (
        f'<article data-label="{escape(said)}"{kinds}><h3>{escape(sample.shard)} <span>record {sample.record}</span></h3><p class="what">{escape(what)}'
        f'<span class="next">{escape(said)}</span></p>{parts}</article>'
    )


def _span(span: Span) -> str:
    """A piece; most are text, which stands without a tag, so that a page of hundreds of instances stays small."""
    space = " " if span.starts_word else ""
    if span.kind in PREDICTED:
        hint = f"{span.position}: {span.seen}, originally {span.original}"
        seen = f"<s>{escape(span.seen_text or span.seen)}</s>"
        original = f"<u>{escape(span.original_text or span.original)}</u>"
        return f'{space}<b class="p {span.kind}" title="{escape(hint)}">{seen}{original}</b>'
    if span.kind == TEXT:
        return space + escape(span.text)
    hint = f' title="{span.position}"' if span.kind == UNKNOWN else ""
    return f'{space}<i class="{span.kind}"{hint}>{escape(span.text)}</i>'


def _settings(corpus: Corpus) -> str:
    settings = corpus.manifest.settings if corpus.manifest else {}
    if not settings:
        return ""
    rows = "".join(f"<tr><th>{escape(k)}</th><td>{escape(str(v))}</td></tr>" for k, v in settings.items())
    return f"<h2>Settings</h2><table>{rows}</table>"
