"""What a job says before it begins, in a process of its own: the first import of Beam happens once."""

import os
import subprocess
import sys


def test_beam_says_nothing_of_bigquery_where_the_gcp_extra_is_missing(tmp_path):
    (tmp_path / "in" / ".hidden").mkdir(parents=True)
    (tmp_path / "in" / ".hidden" / "none.txt").write_text("passed over\n")  # which only the job finds out
    code = (
        "import sys; sys.modules['apitools'] = None\n"
        "from beam_jobs.__main__ import main\n"
        f"status = main(['segment', '--input', {str(tmp_path / 'in')!r}, '--output', {str(tmp_path / 'out')!r}])\n"
        "assert 'apache_beam.io.gcp.internal.clients.bigquery' in sys.modules\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("beambert: error: ")


def test_an_error_comes_after_what_was_printed_before_it_in_one_file():
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for package in ("beam_jobs", "trainer"):
        code = (
            "import types\n"
            "from beam_jobs.errors import UserError\n"
            f"import {package}.__main__ as command\n"
            "def run():\n"
            "    print('the plan')\n"
            "    raise UserError('what went wrong')\n"
            "command.find_call = lambda *_: types.SimpleNamespace(run=run)\n"
            "command.run_command()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=buffered
        )
        assert done.returncode == 2
        assert done.stdout.startswith("the plan\n")
        assert done.stdout.endswith("what went wrong\n")
