"""What the pages of the repository say: links lead somewhere, commands have the options that they are shown with."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDERS = (".github", "docs", "beam_jobs", "trainer", "vocab", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_front_page_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) < 200


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    text = FENCE.sub("", page.read_text())
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (anchor and anchor not in _anchors(linked)):
            wrong.append(target)
    assert wrong == []


def _shown_commands() -> Iterator[tuple[str, str]]:
    """(page, command) of every line that begins with `$ ` in a block of code, continued lines joined."""
    for page in PAGES:
        for block in FENCE.findall(page.read_text()):
            for line in re.findall(r"^ *\$ ((?:.*\\\n)*.*)", block, re.MULTILINE):
                yield _name(page), line.replace("\\\n", " ")


COMMANDS = sorted(set(_shown_commands()))


def test_there_are_commands() -> None:
    assert {"README.md", "docs/corpus.md", "docs/training.md", "tests/benchmarks/README.md"} <= {p for p, _ in COMMANDS}


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_shown_command_has_the_options_that_it_is_shown_with(page: str, command: str, capsys) -> None:
    for part in command.split("&&"):
        words = shlex.split(part, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=\S+", words[0]):  # settings of the environment
            del words[0]
        if words[0] == "./run.sh":
            _check_run(words[1:], capsys)
        elif words[:2] == [".venv/bin/python", "-m"]:
            assert words[2] in ("pip", "pytest")
            _check_paths(words[3:] if words[2] == "pytest" else [])
        elif words[0] == ".venv/bin/python":
            _check_script(words[1:])
        else:
            assert words[0] in (".venv/bin/pip", ".venv/bin/pre-commit") or page == "docs/engines.md"


def _check_run(words: list[str], capsys) -> None:
    if not words or words == ["help"]:
        return
    command, rest = words[0], words[1:]
    if command in ("test", "test-transformers"):
        _check_paths(rest)
        return
    flags = [word.partition("=")[0] for word in rest if word.startswith("--")]
    if "--runner" in flags:
        flags = flags[: flags.index("--runner")]  # the options of a Beam runner follow
    shown = _help(words, capsys)
    if "--engine" in flags:
        from beam_jobs.console.beam_options import unknown_beam_arguments

        shown += " ".join(unknown_beam_arguments(["--runner=any"])[1])
    assert [flag for flag in flags if not re.search(rf"{re.escape(flag)}\b", shown)] == []


def _help(words: list[str], capsys) -> str:
    """What the --help of the command in a command line prints."""
    from beam_jobs.console.commands import chosen_command
    from beam_jobs.console.dispatch import find_call

    command = chosen_command(words)
    assert command, f"./run.sh {' '.join(words)}: there is no such command"
    with pytest.raises(SystemExit) as end:
        find_call([*command.words, "--help"], "./run.sh")
    assert end.value.code == 0
    return capsys.readouterr().out


def _check_script(words: list[str]) -> None:
    source = (ROOT / words[0]).read_text()
    flags = [word.partition("=")[0] for word in words[1:] if word.startswith("--")]
    assert [flag for flag in flags if f'"{flag}"' not in source] == []


def _check_paths(words: list[str]) -> None:
    assert [word for word in words if "/" in word and not (ROOT / word).exists()] == []
