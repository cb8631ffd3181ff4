import platform
from importlib.metadata import version

from beam_jobs.execution import versions as module
from beam_jobs.execution.versions import versions


def test_all_that_decides_what_comes_out_is_named():
    found = versions()
    assert list(found) == ["python", "beambert", "apache-beam", "numpy", "numba", "pyarrow", "isal", "tokenizers"]
    assert found["python"] == platform.python_version()
    assert found["numpy"] == version("numpy")


def test_a_package_that_is_not_installed_is_no_error(monkeypatch):
    monkeypatch.setattr(module, "_PACKAGES", ("beambert-has-no-such-thing",))
    assert versions()["beambert-has-no-such-thing"] == "not installed"
