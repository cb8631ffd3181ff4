"""Every way in: help, lists, and mistakes in one line with what was meant."""

import argparse
import importlib
import sys
from types import ModuleType

import pytest

import beam_jobs.__main__ as jobs
import trainer.__main__ as trainer_front
import vocab.__main__ as vocab_front
from beam_jobs.console import dispatch
from beam_jobs.console.commands import COMMANDS, Command
from beam_jobs.console.dispatch import command_parser, find_call
from beam_jobs.errors import UserError

NAMES = [command.name for command in COMMANDS]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("segmnt", "there is no command 'segmnt'; did you mean segment?; there are vocabulary, segment, "),
        ("trainr pretrain", "there is no command 'trainr'; did you mean trainer?"),
        ("pretrain", "there is no command 'pretrain'; did you mean trainer pretrain?"),
        ("lint", "did you mean vocab lint?"),
        (
            "xyz",
            "there is no command 'xyz'; there are vocabulary, segment, instances, corpus, embed, inspect, config, vocab, ",
        ),
        (
            "trainer pretrian",
            "there is no command 'trainer pretrian'; did you mean pretrain?; there are plan, pretrain, ",
        ),
        ("trainer plan shw", "there is no command 'trainer plan shw'; did you mean show?; there are list, copy, show"),
        (
            "trainer",
            "trainer needs a command: plan, pretrain, finetune, predict, distill, embed, serve, score, compare, report, export, fill_mask; beambert trainer --help tells more",
        ),
        ("vocab", "vocab needs a command: lint, fetch; "),
        ("--hlp", "unknown argument --hlp; did you mean --help?"),
        ("trainer --plan demo", "unknown argument --plan; beambert trainer --help lists the commands"),
        ("segment --langauge nb", "unknown argument --langauge nb; did you mean --language?"),
        ("corpus --dupe_fator 3", "unknown argument --dupe_fator 3; did you mean --dupe_factor?"),
        ("instances --runer=FlinkRunner", "unknown argument --runer=FlinkRunner; did you mean --runner?"),
        ("instances --max_seq 3", "unknown argument --max_seq 3; did you mean --max_seq_length?"),
        ("instances stray", "unknown argument stray; --help lists the settings, the rest must be options of the Beam"),
        ("instances --nogziped", "unknown argument --nogziped; did you mean --no-gzipped?"),
        (
            "instances --dupe_factor x",
            "argument --dupe_factor: invalid int value: 'x'; beambert instances --help tells",
        ),
        ("instances --input=--", "--input has no value; beambert instances --help tells more"),
        ("vocab lint --vocab_fil x", "unknown argument --vocab_fil x; did you mean --vocab_file?"),
        ("inspect x --check al", "argument --check: 'al' is not one of sample, all; did you mean all?"),
        ("inspect x --runner=FlinkRunner", "unknown argument --runner=FlinkRunner; did you mean --record?"),
        ("trainer export --run a --output b --format huging_face", "did you mean hugging_face?"),
        ("trainer pretrain --plan a --output b --notensorbord", "did you mean --no-tensorboard?"),
        (
            "trainer pretrain --plan a",
            "the following arguments are required: --output; beambert trainer pretrain --help",
        ),
        ("trainer fill_mask --model= x", "--model is empty"),
        ("demo --no_traning", "did you mean --no-training?"),
    ],
)
def test_a_slip_is_one_line_that_names_what_was_meant(line: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        find_call(line.split(), "beambert")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_flag_with_a_letter_less_is_known_again(name: str) -> None:
    (command,) = (command for command in COMMANDS if command.name == name)
    parser = command_parser(command, importlib.import_module(command.module), "beambert")
    flags = [flag for flag in parser.flags() if len(flag) > 6 and flag != "--help"]
    for flag in flags:
        slip = flag[:-2] + flag[-1]
        if slip in parser._option_string_actions:
            continue
        line = [*name.split(), *_required(parser), slip]
        with pytest.raises(UserError) as error:
            find_call(line, "beambert")
        assert f"unknown argument {slip}; did you mean --" in str(error.value), slip


def _required(parser: argparse.ArgumentParser) -> list[str]:
    """A value for every argument that a command cannot do without."""
    words: list[str] = []
    for action in parser._actions:
        if not action.option_strings and action.nargs != argparse.REMAINDER:
            words.append("corpus" if action.choices else "x")
        elif action.required:
            words += [action.option_strings[0], next(iter(action.choices)) if action.choices else "x"]
    for group in parser._mutually_exclusive_groups:
        if group.required:
            words += [group._group_actions[0].option_strings[0], "x"]
    return words


@pytest.mark.parametrize("name", NAMES)
def test_help_of_a_command_is_the_same_by_every_way_in(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    def shown(main: object, *words: str) -> str:
        with pytest.raises(SystemExit) as end:
            main([*words, "--help"])  # type: ignore[operator]
        assert end.value.code == 0
        return capsys.readouterr().out

    first, *rest = name.split()
    page = shown(jobs.main, first, *rest)
    assert page.startswith(f"usage: ./run.sh {name} [-h]")
    if first == "trainer":
        assert shown(trainer_front.main, *rest) == page
    if first == "vocab":
        assert shown(vocab_front.main, *rest) == page
    beambert = shown(lambda arguments: jobs.main(arguments, "beambert"), first, *rest)
    assert beambert.startswith(f"usage: beambert {name} [-h]")
    assert "./run.sh" not in beambert
    assert ("Apache Beam runner" in page) == (name in ("vocabulary", "segment", "instances", "corpus", "embed"))


def test_train_is_another_name_of_trainer(capsys: pytest.CaptureFixture[str]) -> None:
    call = find_call(["train", "plan", "list"], "beambert")
    assert call is not None
    assert call.command.name == "trainer plan list"
    assert find_call(["train", "--help"], "beambert") is None
    assert "trainer pretrain " in capsys.readouterr().out
    with pytest.raises(UserError, match="there is no command 'trainer pretrian'; did you mean pretrain"):
        find_call(["train", "pretrian"], "beambert")


@pytest.mark.parametrize("words", [[], ["help"], ["-h"], ["--help"]])
def test_the_list_of_commands(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert jobs.main(words) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in NAMES)


def test_the_list_of_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert trainer_front.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "trainer plan show" in out
    assert "segment" not in out
    assert trainer_front.main(["plan", "help"]) == 0
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()[2:]] == ["list", "copy", "show", "compile"]


def test_what_is_parsed_is_what_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("made_up")
    module.DESCRIPTION, module.EXAMPLES = "Made up.", "made up\n"
    module.add_arguments = lambda parser: parser.add_argument("--size", type=int, metavar="INT")
    module.run = lambda options: options.size + len(options.beam_arguments) + len(options.program)
    monkeypatch.setitem(sys.modules, "made_up", module)
    monkeypatch.setattr(dispatch, "chosen_command", lambda arguments: Command("made up", "", "", "made_up", True))
    call = find_call(["made", "up", "--size", "3", "--runner", "FlinkRunner"], "beambert")
    assert call.run() == 3 + 2 + len("beambert")


@pytest.mark.parametrize(
    ("name", "missing", "said"),
    [
        (
            "trainer.commands.made_up",
            "keras.layers",
            "keras is not installed, and this command needs it: pip install 'beambert[trainer]'",
        ),
        ("beam_jobs.commands.made_up", "apache_beam", "pip install 'beambert'"),
    ],
)
def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, name: str, missing: str, said: str) -> None:
    def run(options: object) -> int:
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    module = ModuleType(name)
    module.DESCRIPTION, module.EXAMPLES, module.run = "", "", run
    module.add_arguments = lambda parser: None
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(dispatch, "chosen_command", lambda arguments: Command("made", "", "", name))
    with pytest.raises(UserError) as error:
        find_call(["made"], "beambert").run()
    assert said in str(error.value)
    missing = "trainer.no_such_module"  # a defect of ours keeps its traceback
    with pytest.raises(ModuleNotFoundError):
        find_call(["made"], "beambert").run()
