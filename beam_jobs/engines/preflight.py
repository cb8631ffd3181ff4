"""What is checked before a job is handed to an engine: nothing is submitted or written when one of these is wrong.

Each mistake is one line with the option and the remedy, within seconds. Otherwise Beam would search for credentials for
minutes, and a wrong folder would be noticed when the machines are paid for.
"""

import os
import re
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    PortableOptions,
    SetupOptions,
    StandardOptions,
    WorkerOptions,
)

from beam_jobs import storage
from beam_jobs.engines.arguments import PAGE
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import is_remote

LOCAL_RUNNERS = ("", "DirectRunner", "FnApiRunner")
"""Runners that mean this machine. Beam's own DirectRunner first tries to download another runner."""

_CLUSTERS = {"FlinkRunner": "flink_master", "SparkRunner": "spark_master_url"}
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][-a-z0-9]{4,28}[a-z0-9]")
_STAGING = re.compile(r"gs://[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9]/.+")
_WITHIN = ("", "[local]", "[auto]")  # addresses of an engine that runs in this process


def runner_name(options: PipelineOptions) -> str:
    """The name of Beam's runner, without its package; empty for the default."""
    return (options.view_as(StandardOptions).runner or "").rsplit(".", 1)[-1]


def check_launch(options: PipelineOptions, inputs: Sequence[str], output: str, writes: bool = True) -> None:
    """Check what can be checked before a job reads, writes or submits anything.

    Args:
        options: those of the Beam runner.
        inputs: `--input` as the user gave it.
        output: the output folder or URI.
        writes: whether small objects may be written and removed again, to learn whether the buckets allow it.

    Raises:
        UserError: an option is missing or wrong, credentials are missing, or a bucket cannot be written to.
    """
    dataflow = runner_name(options) == "DataflowRunner"
    if dataflow:
        _check_dataflow_options(options)
        _refuse_local_paths(inputs, output)
    google, folders = options.view_as(GoogleCloudOptions), {"--output": output}
    if dataflow:
        folders = {**folders, **{f"--{name}": getattr(google, name) for name in _staging(options)}}
    if dataflow or any(folder.startswith("gs://") for folder in folders.values()):
        _require_google_credentials(google.no_auth)
    if any(path.startswith("s3://") for path in (output, *inputs)):
        _require_amazon_credentials(options)
    if writes and runner_name(options) not in LOCAL_RUNNERS:
        for name, folder in folders.items():
            if is_remote(folder):
                _probe(name, folder)
    if not dataflow and _on_other_machines(options):
        for name, path in (("--input", path) for path in inputs):
            _tell_of_local_path(name, path)
        _tell_of_local_path("--output", output)


def _check_dataflow_options(options: PipelineOptions) -> None:
    google, setup, workers = (options.view_as(c) for c in (GoogleCloudOptions, SetupOptions, WorkerOptions))
    if not google.project:
        raise UserError(
            "--engine dataflow needs --project PROJECT: the id of the Google Cloud project that pays for it"
        )
    if not _PROJECT.fullmatch(google.project):
        raise UserError(
            f"--project {google.project} is no id of a project: 6 to 30 lower-case letters, digits and '-', "
            "as 'gcloud projects list' shows it"
        )
    if not google.region:
        google.region = os.environ.get("CLOUDSDK_COMPUTE_REGION")
    if not google.region:
        raise UserError("--engine dataflow needs --region REGION: that of your buckets, such as europe-west1")
    if not _staging(options):
        raise UserError("--engine dataflow needs --temp_location gs://BUCKET/FOLDER: what workers install is put there")
    for name in _staging(options):
        value = getattr(google, name)
        if not _STAGING.fullmatch(value):
            raise UserError(f"--{name} {value}: Dataflow takes gs://BUCKET/FOLDER here")
    if setup.setup_file and not Path(setup.setup_file).is_file():
        raise UserError(f"--setup_file {setup.setup_file} does not exist; name the setup.py of this checkout")
    image = workers.sdk_container_image
    if not (setup.setup_file or setup.requirements_file or setup.extra_packages or image):
        raise UserError(
            "--engine dataflow needs --setup_file=./setup.py, with which workers install this package; "
            f"or an image that has it, --sdk_container_image, see {PAGE}"
        )
    few, many = workers.num_workers, workers.max_num_workers
    for name, number in (("num_workers", few), ("max_num_workers", many)):
        if number is not None and number < 1:
            raise UserError(f"--{name} {number} must be at least 1; leave it out to let Dataflow choose")
    if few and many and few > many:
        raise UserError(
            f"--num_workers {few} is more than --max_num_workers {many}; lower the first or raise the second"
        )


def _staging(options: PipelineOptions) -> list[str]:
    """The options that name Dataflow's own folders, as far as they are given."""
    google = options.view_as(GoogleCloudOptions)
    return [name for name in ("temp_location", "staging_location") if getattr(google, name)]


def _refuse_local_paths(inputs: Sequence[str], output: str) -> None:
    for name, path in (*(("--input", path) for path in inputs), ("--output", output)):
        if not is_remote(path):
            raise UserError(
                f"{name} {path} is a local path, which Dataflow's machines do not see: copy it to a bucket "
                f"(gcloud storage cp -r {path} gs://BUCKET/) and name that"
                if name == "--input"
                else f"{name} {path} is a local path, which Dataflow's machines do not see: name a folder in a bucket, "
                "such as gs://BUCKET/corpus"
            )


def _require_google_credentials(no_auth: bool) -> None:
    if no_auth or os.environ.get("STORAGE_EMULATOR_HOST"):
        return
    # Where there are none, a machine of Google is searched for: three times three seconds by default.
    os.environ.setdefault("GCE_METADATA_TIMEOUT", "1")
    os.environ.setdefault("GCE_METADATA_DETECT_RETRIES", "1")
    try:
        import google.auth
    except ImportError:
        raise UserError("gs:// and Dataflow need an extra: pip install 'beambert[gcp]'") from None
    try:
        google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    except Exception as error:  # DefaultCredentialsError, or a file of credentials that cannot be read
        reason = " ".join(str(error).split()).partition(". ")[0]
        raise UserError(
            f"no credentials for Google Cloud: {reason}; run 'gcloud auth application-default login', "
            "or set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account"
        ) from error


def _require_amazon_credentials(options: PipelineOptions) -> None:
    from apache_beam.options.pipeline_options import S3Options

    if options.view_as(S3Options).s3_access_key_id:
        return
    os.environ.setdefault("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1")
    try:
        import botocore.session
    except ImportError:
        raise UserError("s3:// needs an extra: pip install 'beambert[aws]'") from None
    try:
        found = botocore.session.Session().get_credentials()
    except Exception as error:
        raise UserError(f"no credentials for s3://: {' '.join(str(error).split())}; run 'aws configure'") from error
    if found is None:
        raise UserError(
            "no credentials for s3://: run 'aws configure', or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )


def _probe(name: str, folder: str) -> None:
    """Write, read and remove a small object. Raises UserError if the bucket does not allow it."""
    uri = storage.join(folder, f".beambert-probe-{uuid.uuid4().hex[:12]}")
    try:
        storage.write_atomically(uri, b"?")
        try:
            storage.read_bytes(uri)
        finally:
            storage.delete([uri])
    except UserError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"{name} {folder} cannot be written to: {reason}; make the bucket, or let your account write there "
            "(on Google Cloud the role storage.objectAdmin)"
        ) from error


def _on_other_machines(options: PipelineOptions) -> bool:
    name = runner_name(options)
    if name in LOCAL_RUNNERS:
        return False
    if options.view_as(PortableOptions).job_endpoint not in (None, "", "embed"):
        return True
    address = str(options.get_all_options().get(_CLUSTERS.get(name, ""), "") or "")
    return address not in _WITHIN and not address.startswith("local")


def _tell_of_local_path(name: str, path: str) -> None:
    if not is_remote(path):
        print(
            f"beambert: note: {name} {path} is a local path: every machine of the cluster must see the same files there; "
            "the workers check it",
            file=sys.stderr,
        )
