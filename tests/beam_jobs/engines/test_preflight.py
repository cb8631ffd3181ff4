import re
from pathlib import Path

import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from beam_jobs import storage
from beam_jobs.engines.preflight import check_launch
from beam_jobs.errors import UserError

DATAFLOW = [
    "--runner=DataflowRunner",
    "--project=project-1",
    "--region=r",
    "--temp_location=gs://bucket/temp",
    "--no_auth",
]
SETUP = [f"--setup_file={Path(__file__).parents[3] / 'setup.py'}"]


def _options(*arguments: str) -> PipelineOptions:
    return PipelineOptions(list(arguments))


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("--project", "needs --project PROJECT"),
        ("--region", "needs --region REGION"),
        ("--temp_location", "needs --temp_location gs://BUCKET/FOLDER"),
        ("--setup_file", "needs --setup_file=./setup.py"),
    ],
)
def test_what_dataflow_needs(left_out, said, monkeypatch):
    monkeypatch.delenv("CLOUDSDK_COMPUTE_REGION", raising=False)
    given = [argument for argument in [*DATAFLOW, *SETUP] if not argument.startswith(left_out)]
    with pytest.raises(UserError, match=re.escape(said)):
        check_launch(_options(*given), ["gs://bucket/raw"], "gs://bucket/out", writes=False)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("--temp_location=/tmp", "--temp_location /tmp: Dataflow takes gs://BUCKET/FOLDER"),
        ("--staging_location=gs://bucket", "--staging_location gs://bucket: Dataflow takes gs://BUCKET/FOLDER"),
        ("--setup_file=nowhere/setup.py", "--setup_file nowhere/setup.py does not exist"),
        ("--project=My project", "--project My project is no id of a project"),
        ("--max_num_workers=0", "--max_num_workers 0 must be at least 1"),
        ("--num_workers=9", "--num_workers 9 is more than --max_num_workers 4"),
    ],
)
def test_values_that_dataflow_would_refuse_later(added, said):
    options = _options(*DATAFLOW, *SETUP, "--max_num_workers=4", added)
    with pytest.raises(UserError, match=re.escape(said)):
        check_launch(options, ["gs://bucket/raw"], "gs://bucket/out", writes=False)


def test_dataflow_sees_no_local_path():
    options = _options(*DATAFLOW, *SETUP)
    with pytest.raises(UserError, match=r"--input raw is a local path.*gcloud storage cp -r raw gs://BUCKET/"):
        check_launch(options, ["gs://bucket/raw", "raw"], "gs://bucket/out")
    with pytest.raises(UserError, match=r"--output /out is a local path.*name a folder in a bucket"):
        check_launch(options, ["gs://bucket/raw"], "/out")
    check_launch(options, ["gs://bucket/raw"], "gs://bucket/out", writes=False)


def test_missing_credentials_are_one_line(monkeypatch):
    from google.auth.exceptions import DefaultCredentialsError

    def default(**_):
        raise DefaultCredentialsError("Your default credentials were not found. To set up, see\na page")

    monkeypatch.setattr("google.auth.default", default)
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    said = "^no credentials for Google Cloud: Your default credentials were not found; run 'gcloud auth"
    with pytest.raises(UserError, match=said):
        check_launch(_options(), ["raw"], "gs://bucket/out")
    check_launch(_options(), ["gs://public/raw"], "out")  # public data needs none


def test_missing_credentials_of_amazon(monkeypatch):
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda self: None)
    with pytest.raises(UserError, match=r"no credentials for s3://: run 'aws configure'"):
        check_launch(_options(), ["s3://b/raw"], "out")
    check_launch(_options("--s3_access_key_id=a"), ["s3://b/raw"], "out")


def test_a_bucket_that_cannot_be_written_to(gs):
    own = f"{gs}/probed"  # other tests leave files in the bucket
    options = _options(*DATAFLOW, *SETUP, f"--staging_location={own}/staging", f"--temp_location={own}/temp")
    with pytest.raises(UserError, match=r"--output gs://no-such-bucket/out cannot be written to: .*make the bucket"):
        check_launch(options, [f"{own}/raw"], "gs://no-such-bucket/out")
    check_launch(options, [f"{own}/raw"], f"{own}/out")
    assert [storage.list_folder(f"{own}/{name}") for name in ("out", "temp", "staging")] == [[], [], []]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--runner=FlinkRunner", "--flink_master=jobmanager:8081"], True),
        (["--runner=SparkRunner", "--spark_master_url=spark://master:7077"], True),
        (["--runner=PortableRunner", "--job_endpoint=server:8099"], True),
        (["--runner=FlinkRunner"], False),
        (["--runner=SparkRunner", "--spark_master_url=local[2]"], False),
        (["--runner=PortableRunner", "--job_endpoint=embed"], False),
        ([], False),
    ],
)
def test_a_cluster_has_to_see_local_paths(arguments, told, capsys):
    check_launch(_options(*arguments), ["raw"], "out")
    said = capsys.readouterr().err
    assert said.count("is a local path: every machine of the cluster must see the same files") == (2 if told else 0)
