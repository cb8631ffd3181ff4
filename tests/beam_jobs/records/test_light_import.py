import subprocess
import sys


def test_the_formats_load_no_compiler():
    """Whoever only wants names and a manifest does not wait for numba."""
    code = "import sys, beam_jobs.records; print({'numba', 'apache_beam', 'tensorflow'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
