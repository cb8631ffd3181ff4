"""The clients of object stores, one per process: boto3's for s3://, Google's for gs://.

It takes 0.15 s to make a client, and a range of a few MB needs a dozen requests. Threads share a client, as both
libraries allow.
"""

import importlib
import os
import sys
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.storage.per_process import once_per_process

_ENDPOINTS = {
    "gs": "STORAGE_EMULATOR_HOST",
    "s3": "AWS_ENDPOINT_URL_S3",
}  # variables that name another place of a store
_EXTRAS = {"gs": "gcp", "s3": "aws"}
_LIBRARIES = {"gs": "google.cloud.storage", "s3": "boto3"}
_FILE_SYSTEMS = {"gs": "apache_beam.io.gcp.gcsfilesystem", "s3": "apache_beam.io.aws.s3filesystem"}


def client_of(scheme: str) -> Any:
    """The client for `gs` or `s3`. Raises UserError if its library is not installed.

    It uses the options that the user gave to Beam (`--s3_region_name`, credentials, ...), if this process has any.
    """
    with_options = "apache_beam" in sys.modules and beam_file_systems()._pipeline_options is not None
    return _client(scheme, os.environ.get(_ENDPOINTS[scheme], ""), with_options)


def beam_file_systems(scheme: str = "") -> Any:
    """Beam's FileSystems, imported late, so that helpers that run locally need not wait for Beam.

    A pipeline sets the user's options. Before there is one, the defaults are set, without which s3:// does not work.
    With `scheme` "gs" or "s3", Beam's file system for it is loaded too. Raises UserError if its library is not installed.
    """
    from apache_beam.io.filesystems import FileSystems

    if scheme in _FILE_SYSTEMS:
        try:
            importlib.import_module(_LIBRARIES[scheme])
            importlib.import_module(_FILE_SYSTEMS[scheme])
        except ImportError:
            raise _missing(scheme) from None
    if FileSystems._pipeline_options is None:
        from apache_beam.options.pipeline_options import PipelineOptions

        FileSystems.set_options(PipelineOptions([]))
    return FileSystems


@once_per_process
def _client(scheme: str, endpoint: str, with_options: bool) -> Any:
    """A new client. It reads `endpoint` from the environment itself."""
    try:
        return _s3(with_options) if scheme == "s3" else _gs(with_options)
    except ImportError:
        raise _missing(scheme) from None


def _missing(scheme: str) -> UserError:
    return UserError(f"{scheme}:// needs an extra: pip install 'beambert[{_EXTRAS[scheme]}]'")


def _s3(with_options: bool) -> Any:
    import boto3

    if not with_options:
        return boto3.client("s3")
    from apache_beam.io.aws.s3io import S3IO

    return S3IO(options=beam_file_systems()._pipeline_options).client.client


def _gs(with_options: bool) -> Any:
    # The client would ask for the bucket after each 404, and jobs often ask for rows that are not there yet.
    os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    import google.cloud.storage as gcs
    from google.auth.exceptions import DefaultCredentialsError

    if with_options:
        from apache_beam.io.gcp.gcsio import GcsIO

        return GcsIO(pipeline_options=beam_file_systems()._pipeline_options).client
    try:
        return gcs.Client()
    except DefaultCredentialsError:  # public data needs no credentials
        return gcs.Client.create_anonymous_client()
