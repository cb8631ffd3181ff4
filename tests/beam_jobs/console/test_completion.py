"""What bash offers when a user presses the tab key. zsh and fish are not here: of theirs, only the text is looked at."""

import argparse
import shutil
import subprocess

import pytest

from beam_jobs.console.commands import COMMANDS
from beam_jobs.console.completion import SHELLS, completion_script, whole_parser
from beam_jobs.console.dispatch import find_call

pytest.importorskip("shtab", reason="an environment from before it was a requirement")

_ASK = """
{script}
COMP_WORDS=({words} "{last}")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
$(complete -p beambert | sed 's/.*-F \\([^ ]*\\).*/\\1/') beambert "{last}" ""
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def script():
    return completion_script("bash")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "last", "offered"),
    [
        ("beambert", "s", {"segment"}),
        ("beambert trainer", "p", {"plan", "pretrain", "predict"}),
        ("beambert trainer plan", "", {"list", "copy", "show", "compile"}),
        ("beambert segment", "--lang", {"--language", "--language_field", "--languages"}),
        ("beambert trainer plan compile", "--topo", {"--topology"}),
        ("beambert corpus --engine", "f", {"flink"}),
        ("beambert completion", "", set(SHELLS)),
        ("beambert instances", "--no_gz", set()),  # an old spelling, which --help does not show either
    ],
)
def test_bash_offers(script, tmp_path, words, last, offered):
    ask = _ASK.format(script=script, words=words, last=last)
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert offered == {word for word in done.stdout.split() if not word.startswith("-h") and word != "--help"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_offers_the_files_of_the_folder(script, tmp_path):
    (tmp_path / "raw.jsonl").touch()
    ask = _ASK.format(script=script, words="beambert segment --input", last="ra")
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["raw.jsonl"]


def test_the_parser_knows_the_words_of_every_command():
    for command in COMMANDS:
        parser: argparse.ArgumentParser = whole_parser()
        for word in command.words:
            (words,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
            parser = words.choices[word]
        assert len(parser._actions) > 1 or command.name == "trainer plan list"


def test_every_shell_gets_a_script_of_its_own(capsys):
    starts = {}
    for shell in SHELLS:
        assert find_call(["completion", shell], "beambert").run() == 0
        text = capsys.readouterr().out
        assert "vocab_size" in text
        assert "plan" in text
        starts[shell] = text[:3000]
    assert starts["zsh"].startswith("#compdef beambert")
    assert len(set(starts.values())) == 3
