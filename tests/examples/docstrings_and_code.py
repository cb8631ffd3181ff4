"""Pairs of text and code from the standard library's own sources: pairs.jsonl, an object with docstring and code a line.

    .venv/bin/python tests/examples/docstrings_and_code.py code
    .venv/bin/python tests/examples/docstrings_and_code.py code asyncio email     # of these packages only

docs/code.md makes a corpus of it. As in CodeSearchNet (Husain et al. 2019), the text is the first paragraph of a docstring
and has three words or more, the code has three lines or more and is the function without its docstring, and code that was
seen before is left out.
"""

import ast
import json
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

LIBRARY = Path(sysconfig.get_path("stdlib"))


def main(folder: Path, packages: Sequence[str] = ()) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    seen = set()
    with (folder / "pairs.jsonl").open("w", encoding="utf-8") as file:
        for path in sorted(LIBRARY.rglob("*.py")):
            place = path.relative_to(LIBRARY)
            package = place.parts[0].removesuffix(".py")
            if (
                package in ("site-packages", "dist-packages", "test", "idlelib", "lib2to3")
                or "test" in place.parts[1:-1]
            ):
                continue
            if packages and package not in packages:
                continue
            for name, docstring, code in functions(path):
                if code not in seen:
                    seen.add(code)
                    row = {"id": f"{place.as_posix()}:{name}", "docstring": docstring, "code": code}
                    print(json.dumps(row, ensure_ascii=False), file=file)
    print(f"{len(seen):,} pairs in {folder / 'pairs.jsonl'}")


def functions(path: Path) -> Iterator[tuple[str, str, str]]:
    """(name and line, first paragraph of the docstring, code without docstring and comments) of each function of a file."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):  # some files are there to be broken
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (text := ast.get_docstring(node)):
            paragraph = text.split("\n\n")[0]
            node.body = node.body[1:] or [ast.Pass()]
            code = ast.unparse(node)
            if len(paragraph.split()) >= 3 and code.count("\n") >= 2:
                yield f"{node.name}:{node.lineno}", paragraph, code


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "code"), sys.argv[2:])
