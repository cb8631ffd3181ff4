"""What people saw when they stopped the trainer in a terminal: Ctrl-C reaches the whole process group."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trainer.run.checkpoint import Checkpoints

ROOT = Path(__file__).parents[3]
AT_ONCE_S = 60.0  # only against a hang, on any machine; measured: below 0.5 s
GOES_ON = "trainer pretrain: interrupted; the same command goes on"
BEGINS_AGAIN = "trainer {}: interrupted; the same command begins again"


class Terminal:
    """A command in the foreground of a pseudo-terminal and a process group of its own."""

    def __init__(self, arguments, environment):
        self.screen, inside = pty.openpty()
        command = [sys.executable, *map(str, arguments)]
        environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
        streams = {"stdin": inside, "stdout": inside, "stderr": inside}
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, **streams)
        os.close(inside)
        self.shown = ""

    def read(self, seconds=0.05):
        """Take in what was written; False when nobody is left to write."""
        if not select.select([self.screen], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.screen, 65536)
        except OSError:  # the other side is closed
            data = b""
        self.shown += data.decode("utf-8", "replace")
        return bool(data)

    def read_until(self, reached, seconds=240):
        end = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < end, self.shown
            assert self.read(), self.shown

    def interrupt(self, number=signal.SIGINT):
        """A signal to the group; the exit status, the seconds that it took, and the lines that it showed."""
        mark, started = len(self.shown), time.monotonic()
        os.killpg(self.process.pid, number)
        while self.read(10):
            assert time.monotonic() - started < 60, self.shown
        status, seconds = self.process.wait(60), time.monotonic() - started
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.shown[mark:])
        assert "Traceback" not in text
        return status, seconds, [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.screen)


@pytest.fixture
def in_terminal(quick_compilation):
    started = []

    def start(*arguments):
        started.append(Terminal(arguments, quick_compilation))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


def answers_signals(process):
    """Whether the command has got as far as to answer SIGTERM; Python itself answers only SIGINT."""
    caught = re.search(r"SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{process}/status").read_text())
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


@pytest.fixture
def pretrain_in_terminal(in_terminal, tiny_plan, foreign_records, tmp_path):
    def start(steps=2):
        given = ["--plan", tiny_plan(steps=steps), "--data", foreign_records, "--output", tmp_path / "run"]
        return in_terminal("-m", "trainer", "pretrain", *given, "--notensorboard")

    return start


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at processes through /proc")


@needs_proc
@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["export", "--checkpoint", "{there}", "--output", "{there}/out"], BEGINS_AGAIN.format("export")),
        (["fill_mask", "--model", "{there}", "the [MASK] sat"], BEGINS_AGAIN.format("fill_mask")),
        (["plan", "show", "notram_mbert"], BEGINS_AGAIN.format("plan")),
    ],
    ids=["export", "fill_mask", "plan"],
)
def test_ctrl_c_as_soon_as_a_command_has_begun(command, line, in_terminal, tmp_path):
    """A mistake seen the moment Enter was pressed gave a page of import lines instead of one."""
    terminal = in_terminal("-m", "trainer", *[word.format(there=tmp_path) for word in command])
    terminal.read_until(lambda: answers_signals(terminal.process.pid))
    status, seconds, lines = terminal.interrupt()
    assert (status, lines) == (128 + signal.SIGINT, [line])
    assert seconds < AT_ONCE_S


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_is_stopped_between_its_start_and_its_first_update(number, pretrain_in_terminal, tmp_path):
    """A team pressed Ctrl-C while the first update was compiled for minutes, and nothing answered."""
    terminal = pretrain_in_terminal()
    terminal.read_until(lambda: "phase only: 2 steps of 16" in terminal.shown)
    status, seconds, lines = terminal.interrupt(number)
    assert (status, lines[-1]) == (128 + number, GOES_ON)
    assert seconds < AT_ONCE_S
    assert not any("saved" in line for line in lines)


def test_a_run_saves_when_it_is_stopped_and_says_so_at_once(pretrain_in_terminal, tmp_path):
    """A team pressed Ctrl-C again and again, since nothing told that the running update was being saved."""
    terminal = pretrain_in_terminal(steps=100_000)
    terminal.read_until(lambda: "step 3/100,000" in terminal.shown)
    status, _, lines = terminal.interrupt()
    assert status == 128 + signal.SIGINT
    said = [line for line in lines if "SIGINT" in line]
    assert len(said) == 2, lines
    assert "SIGINT: finishing this update and saving it; Ctrl-C once more stops at once" in said[0]
    assert re.search(r"SIGINT: saved at step [\d,]+; the same command continues", said[1])
    checkpoints = Checkpoints(str(tmp_path / "run"))
    assert f"saved at step {checkpoints.latest():,};" in said[1]
    checkpoints.close()


def test_a_second_ctrl_c_does_not_wait_for_the_update(in_terminal, tiny_plan, foreign_records, tmp_path):
    """A team whose evaluation took an hour could only stop its run by kill -9 from another terminal."""
    slow = (
        "import sys, time\n"
        "from trainer.training import ledger\n"
        "ledger.Ledger.evaluate = lambda *arguments: (print('evaluating', flush=True), time.sleep(600))\n"
        "from trainer.__main__ import run_command\n"
        "run_command()\n"
    )
    given = ["--plan", tiny_plan(steps=3), "--data", foreign_records, "--output", tmp_path / "run"]
    terminal = in_terminal("-c", slow, "pretrain", *given, "--notensorboard")
    terminal.read_until(lambda: "evaluating" in terminal.shown)
    os.killpg(terminal.process.pid, signal.SIGINT)
    terminal.read_until(lambda: "once more stops at once" in terminal.shown)
    status, seconds, lines = terminal.interrupt()
    assert (status, lines[-1]) == (128 + signal.SIGINT, f"{GOES_ON} from the last checkpoint")
    assert seconds < AT_ONCE_S


@pytest.mark.parametrize("form", ["hugging_face", "saved_model"])
def test_an_interrupted_export_leaves_nothing_behind(form, in_terminal, foreign_bert, tmp_path, monkeypatch):
    """A disk filled up with the hidden leftovers of exports that were stopped."""
    slow = (
        "import sys, time\n"
        "from trainer.export import tokenizer_files\n"
        "tokenizer_files.write_tokenizer_files = lambda *arguments: (print('writing', flush=True), time.sleep(600))\n"
        "from trainer.__main__ import run_command\n"
        "run_command()\n"
    )
    places = [tmp_path / "here", tmp_path / "temporary"]
    for place in places:
        place.mkdir()
    monkeypatch.setenv("TMPDIR", str(places[1]))
    model, given = foreign_bert(tmp_path / "model"), ["--output", places[0] / "out", "--format", form]
    terminal = in_terminal("-c", slow, "export", "--checkpoint", model, *given)
    terminal.read_until(lambda: "writing" in terminal.shown)
    assert any(list(place.iterdir()) for place in places)
    status, seconds, lines = terminal.interrupt()
    assert (status, lines[-1:]) == (128 + signal.SIGINT, [BEGINS_AGAIN.format("export")])
    assert seconds < AT_ONCE_S
    for place in places:
        assert list(place.iterdir()) == []
