"""Draws the packages and their imports into .github/CONTRIBUTING.md: `python docs/draw_house.py`.

The picture is a Mermaid flow chart between the fences of its block. An arrow means "imports". An arrow that a longer path
implies is left out (the transitive reduction of the graph), so that the layers can be seen.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / ".github" / "CONTRIBUTING.md"
HALVES = ("trainer", "beam_jobs")
ENTRY = "entry"
"""The modules that lie beside the packages of a half: its commands and what they need."""

MODULES = ("errors", "backend")
"""Modules beside the packages that have a layer of their own."""

BY_NAME = (("beam_jobs.console", "beam_jobs.commands"), ("beam_jobs.console", "trainer.commands"))
"""Packages that are loaded by their name, without an import statement: dotted arrows."""

Edges = set[tuple[str, str]]


def house() -> str:
    """The Mermaid text of the packages as they are now."""
    edges = imports_between_packages()
    assert not any((above, below) in edges for below, above in edges), "two packages import each other"
    shown = sorted(without_implied(edges))
    lines = ["flowchart TD"]
    for half in HALVES:
        inner = [(a, b) for a, b in shown if a.startswith(half) and b.startswith(half)]
        dotted = [(a, b) for a, b in BY_NAME if a.startswith(half)]
        lines += [f"  subgraph {half}", *(f"    {_node(a)} -.->|by name| {_node(b)}" for a, b in dotted)]
        lines += [*(f"    {_node(a)} --> {_node(b)}" for a, b in inner), "  end"]
    outer = [(a, b) for a, b in shown if a.split(".")[0] != b.split(".")[0]]
    return "\n".join([*lines, *(f"  {_node(a)} --> {_node(b)}" for a, b in outer)]) + "\n"


def imports_between_packages() -> Edges:
    """(importer, imported) of every two packages, from the import statements, those inside functions too."""
    edges: Edges = set()
    for half in (*HALVES, "vocab"):
        for module in (ROOT / half).rglob("*.py"):
            importer = _package(".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
            edges |= {(importer, _package(name)) for name in _imported(module)}
    return {(a, b) for a, b in edges if a != b and "" not in (a, b)}


def without_implied(edges: Edges) -> Edges:
    """The edges of an acyclic graph without those that a longer path implies."""
    below: dict[str, set[str]] = {}
    for a, b in edges:
        below.setdefault(a, set()).add(b)

    def reaches(start: str, end: str) -> bool:
        return any(step == end or reaches(step, end) for step in below.get(start, ()))

    return {(a, b) for a, b in edges if not any(reaches(step, b) for step in below[a] - {b})}


def _imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module in HALVES:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def _package(name: str) -> str:
    """The package of a module, "" for one that is not ours: "trainer.data", "beam_jobs.entry", "vocab"."""
    half, _, rest = name.partition(".")
    if half == "vocab":
        return half
    if half not in HALVES or not rest:
        return ""
    inner = rest.split(".")[0]
    return f"{half}.{inner if inner in MODULES or (ROOT / half / inner).is_dir() else ENTRY}"


def _node(package: str) -> str:
    """An id of its own for each package, and its name as the label."""
    half, _, inner = package.partition(".")
    if not inner:
        return f"{half}[{half}]"
    return f"{half[0]}_{inner}[{'main and others' if inner == ENTRY else inner}]"


def main() -> None:
    """Write the picture into the contributor's guide."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(r"(?s)(?<=```mermaid\n).*?(?=```)", lambda _: house(), text, count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
