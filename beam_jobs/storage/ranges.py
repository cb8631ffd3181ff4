"""One exact byte range of an object, read in one request.

Both clients repeat failed requests by themselves after longer and longer waits. But boto3 does not repeat a request
whose body breaks off; `retried` does.
"""

from typing import Any

from beam_jobs.storage.retries import retried


def gs_range(client: Any, bucket: str, key: str, offset: int, size: int) -> bytes:
    """At most `size` bytes at `offset` of an object, with a Google storage client; fewer only at its end."""
    from google.api_core.exceptions import RequestRangeNotSatisfiable

    try:
        return (
            client.bucket(bucket)
            .blob(key)
            .download_as_bytes(start=offset, end=offset + size - 1, raw_download=True, checksum=None)
        )
    except RequestRangeNotSatisfiable:
        return b""


def s3_range(client: Any, bucket: str, key: str, offset: int, size: int) -> bytes:
    """At most `size` bytes at `offset` of an object, with a boto3 client; fewer only at its end."""
    from botocore.exceptions import ClientError

    def once() -> bytes:
        try:
            return client.get_object(Bucket=bucket, Key=key, Range=f"bytes={offset}-{offset + size - 1}")["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("InvalidRange", "416"):
                return b""
            raise

    return retried(once, what=f"s3://{bucket}/{key}")
