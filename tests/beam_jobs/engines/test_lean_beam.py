import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[3])
UNUSED = ("apitools", "boto3", "google.cloud.bigquery", "google.cloud.storage", "pandas", "pyarrow", "pymongo", "torch")
LOADED = f"print(*[name for name in {(*UNUSED, 'google.cloud.dataflow')} if name in sys.modules])"
BEAM_AND_JOBS = """
import apache_beam.runners.portability.fn_api_runner.fn_runner
import apache_beam.runners.worker.sdk_worker_main
import beam_jobs.jobs.corpus
import beam_jobs.jobs.vocabulary.pipeline
"""


def output_of(code: str) -> str:
    code = f"import sys\nfrom beam_jobs.engines.lean_beam import load_beam_lean\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": ROOT}, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


def test_a_process_of_a_job_loads_no_package_that_the_job_does_not_use():
    assert output_of(f"load_beam_lean()\n{BEAM_AND_JOBS}{LOADED}") == ""


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="a package that Beam looks for is not installed")
def test_without_it_beam_loads_what_it_finds():
    assert "pandas" in output_of(f"import apache_beam\n{LOADED}")


@pytest.mark.parametrize("arguments", [["--engine=dataflow"], ["--runner", "DataflowRunner"]])
def test_a_command_that_names_dataflow_has_its_clients(arguments):
    code = f"load_beam_lean({arguments})\nimport apache_beam\n{LOADED}"
    assert output_of(code) == "google.cloud.dataflow"


def test_what_was_hidden_is_found_later():
    code = """
load_beam_lean()
import apache_beam
import pyarrow
from beam_jobs.storage.clients import beam_file_systems
file_systems = beam_file_systems()
known = lambda path: type(file_systems.get_filesystem(path)).__name__
try:
    known("gs://bucket/x")
except ValueError:
    print("not yet", end=" ")
beam_file_systems("gs"), beam_file_systems("s3")
print(known("gs://bucket/x"), known("s3://bucket/x"))
print(apache_beam.__spec__.loader is apache_beam.__loader__, type(apache_beam.__loader__).__name__)
print(sum(type(finder).__module__ == "beam_jobs.engines.lean_beam" for finder in sys.meta_path))
"""
    assert output_of(code).splitlines() == ["not yet GCSFileSystem S3FileSystem", "True SourceFileLoader", "0"]


def test_beam_that_is_loaded_already_stays_as_it_is():
    assert (
        output_of("import apache_beam\nload_beam_lean()\nimport apache_beam as again\nprint(again is apache_beam)")
        == "True"
    )
