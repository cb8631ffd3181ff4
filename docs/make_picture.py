"""Draws docs/picture.svg, the picture that opens the README: `python docs/make_picture.py`.

The SVG carries its own background and both colour schemes, so that it is readable on a light and on a dark page.
"""

from html import escape
from pathlib import Path

WIDTH, HEIGHT = 1000, 380

LIGHT = {
    "page": "#ffffff",
    "frame": "#d0d7de",
    "box": "#f6f8fa",
    "text": "#1f2328",
    "quiet": "#59636e",
    "jobs": "#0550ae",
    "trainer": "#8250df",
    "masked": "#bc4c00",
}
DARK = {
    "page": "#0d1117",
    "frame": "#3d444d",
    "box": "#151b23",
    "text": "#f0f6fc",
    "quiet": "#9198a1",
    "jobs": "#79c0ff",
    "trainer": "#d2a8ff",
    "masked": "#ffa657",
}

SANS = "font-family:system-ui,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif"
MONO = "font-family:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace"

BOX_WIDTH, BOX_TOP, BOX_HEIGHT = 205, 50, 168
COLUMNS = (20, 272, 524, 776)
"""The left edge of each of the four boxes, in pixels."""

Line = list[tuple[str, str]]
"""One line of text: runs of (class, text)."""

BOXES: tuple[tuple[str, str, list[Line]], ...] = (
    (
        "raw documents",
        "jsonl, txt, parquet, warc, ...",
        [
            [("m t", '{"id": "2",')],
            [("m t", ' "lang": "en",')],
            [("m t", ' "text": "It rained')],
            [("m t", "  all day. Nobody")],
            [("m t", '  minded."}')],
        ],
    ),
    (
        "sentence shards",
        "one sentence a line, 100 MB",
        [
            [("m t", "It rained all day.")],
            [("m t", "Nobody minded.")],
            [("m q", "(a blank line)")],
            [("m t", "The next document")],
            [("m t", "begins here.")],
        ],
    ),
    (
        "instance shards",
        "TFRecord, statistics, samples",
        [
            [("m q", "[CLS]"), ("m t", " It "), ("m x", "[MASK]"), ("m t", " all day")],
            [("m t", ". "), ("m q", "[SEP]"), ("m t", " Nobody "), ("m x", "[MASK]"), ("m t", " .")],
            [("m q", "[SEP]")],
            [("m x", "rained, minded")],
            [("m q", "label 0: B follows A")],
        ],
    ),
    (
        "trained BERT",
        "checkpoints, exports, logs",
        [
            [("m t", "It "), ("m x", "[MASK]"), ("m t", " all day.")],
            [("m x", "rained")],
            [("m q", "export: Hugging Face,")],
            [("m q", "Model Garden,")],
            [("m q", "SavedModel")],
        ],
    ),
)


def picture(schemes: str) -> str:
    """The SVG, with `schemes` as the style rules that set the colours."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">',
        "<title>Raw documents become sentence shards, then instance shards, then a trained BERT</title>",
        f"<style>text{{{SANS};font-size:13px}}.m{{{MONO}}}.h{{font-size:15px;font-weight:600}}{schemes}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="tip" d="M0 0 8 4 0 8Z"/></marker></defs>',
        f'<rect class="page" x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10"/>',
        *(_box(left, *content) for left, content in zip(COLUMNS, BOXES, strict=True)),
        _step(0, "m j", "segment"),
        _step(1, "m j", "instances"),
        _step(2, "m r", "trainer pretrain"),
        _vocabulary(),
        _band(20, 709, "j", "beam_jobs", "Apache Beam workers on CPU cores; one call makes one shard"),
        _band(745, 236, "r", "trainer", "Keras 3 on JAX"),
        _text(20, 362, [("q", "Between the steps lie plain files: on a local disk, s3:// or gs://")], size=12),
        _text(980, 362, [("m j", "inspect"), ("q", " shows and checks any instance shard")], size=12, anchor="end"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def rules(colours: dict[str, str]) -> str:
    """The style rules of one colour scheme."""
    fills = {"t": "text", "q": "quiet", "j": "jobs", "r": "trainer", "x": "masked", "h": "text", "tip": "quiet"}
    shapes = {"page": ("page", "frame"), "box": ("box", "frame"), "bj": ("box", "jobs"), "br": ("box", "trainer")}
    return (
        "".join(f".{name}{{fill:{colours[colour]}}}" for name, colour in fills.items())
        + "".join(f".{name}{{fill:{colours[fill]};stroke:{colours[edge]}}}" for name, (fill, edge) in shapes.items())
        + f".line{{fill:none;stroke:{colours['quiet']};stroke-width:1.5}}"
    )


def _text(x: int, y: int, runs: Line, size: int = 13, anchor: str = "start") -> str:
    spans = "".join(f'<tspan class="{name}">{escape(text, quote=False)}</tspan>' for name, text in runs)
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" xml:space="preserve" style="font-size:{size}px">{spans}</text>'
    )


def _box(left: int, title: str, note: str, lines: list[Line]) -> str:
    return "\n".join(
        [
            f'<rect class="box" x="{left}" y="{BOX_TOP}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>',
            _text(left + 14, BOX_TOP + 26, [("h", title)], size=15),
            _text(left + 14, BOX_TOP + 45, [("q", note)], size=11),
            *(_text(left + 14, BOX_TOP + 73 + 19 * row, line, size=12) for row, line in enumerate(lines)),
        ]
    )


def _step(number: int, name: str, command: str) -> str:
    """The arrow from box `number` to the next, with the command over it."""
    start, end = COLUMNS[number] + BOX_WIDTH + 4, COLUMNS[number + 1] - 4
    label = _text((start + end) // 2, BOX_TOP - 16, [(name, command)], anchor="middle")
    return f'{label}\n<path class="line" marker-end="url(#tip)" d="M{start} {BOX_TOP + 60}H{end}"/>'


def _vocabulary() -> str:
    """The vocabulary, learned from raw documents, which `instances` takes."""
    left, top, height = COLUMNS[1] + 60, 244, 40
    middle, gap = top + height // 2, (COLUMNS[1] + BOX_WIDTH + COLUMNS[2]) // 2
    return "\n".join(
        [
            f'<rect class="box" x="{left}" y="{top}" width="336" height="{height}" rx="6"/>',
            _text(left + 14, middle + 5, [("h", "vocab.txt")], size=15),
            _text(left + 100, middle + 5, [("q", "learned from the text, or published")], size=12),
            f'<path class="line" marker-end="url(#tip)" d="M{COLUMNS[0] + 102} {BOX_TOP + BOX_HEIGHT}V{middle}H{left - 4}"/>',
            _text(COLUMNS[0] + 152, middle - 9, [("m j", "vocabulary")]),
            f'<path class="line" marker-end="url(#tip)" d="M{gap} {top}V{BOX_TOP + 66}"/>',
        ]
    )


def _band(left: int, width: int, name: str, package: str, what: str) -> str:
    runs = [(f"m {name}", package), ("t", f"   {what}")]
    box = f'<rect class="b{name}" x="{left}" y="306" width="{width}" height="32" rx="6"/>'
    return f"{box}\n{_text(left + width // 2, 327, runs, anchor='middle')}"


def main() -> None:
    """Write the picture beside this file."""
    schemes = f"{rules(LIGHT)}@media(prefers-color-scheme:dark){{{rules(DARK)}}}"
    Path(__file__).with_name("picture.svg").write_text(picture(schemes), encoding="utf-8")


if __name__ == "__main__":
    main()
