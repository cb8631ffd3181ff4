"""One exact byte range of an object, read in one request.

Both clients repeat failed requests by themselves after longer and longer waits. But boto3 does not repeat a request
whose body breaks off, and neither notices a body that is too short if the answer's Content-Length fits it. `retried`
repeats both; the answer's Content-Range tells how many bytes belong to it.
"""

import errno
import re
from typing import Any

from beam_jobs.storage.retries import retried


def gs_range(client: Any, bucket: str, key: str, offset: int, size: int) -> bytes:
    """At most `size` bytes at `offset` of an object, with a Google storage client; fewer only at its end."""
    from google.api_core.exceptions import RequestRangeNotSatisfiable

    def once() -> bytes:
        blob = client.bucket(bucket).blob(key)
        ranges: list[str] = []
        blob._extract_headers_from_download = lambda answer: ranges.append(answer.headers.get("Content-Range", ""))
        try:
            data = blob.download_as_bytes(start=offset, end=offset + size - 1, raw_download=True, checksum=None)
        except RequestRangeNotSatisfiable:
            return b""
        return whole_range(data, ranges[-1] if ranges else "")

    return retried(once, what=f"gs://{bucket}/{key}")


def s3_range(client: Any, bucket: str, key: str, offset: int, size: int) -> bytes:
    """At most `size` bytes at `offset` of an object, with a boto3 client; fewer only at its end."""
    from botocore.exceptions import ClientError

    def once() -> bytes:
        try:
            answer = client.get_object(Bucket=bucket, Key=key, Range=f"bytes={offset}-{offset + size - 1}")
            return whole_range(answer["Body"].read(), answer.get("ContentRange", ""))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("InvalidRange", "416"):
                return b""
            raise

    return retried(once, what=f"s3://{bucket}/{key}")


def whole_range(data: bytes, content_range: str) -> bytes:
    """`data`, of an answer with this Content-Range. Raises OSError if bytes are missing."""
    found = re.match(r"bytes (\d+)-(\d+)/", content_range)
    if found and len(data) != int(found[2]) - int(found[1]) + 1:
        raise OSError(errno.EIO, f"{len(data):,} bytes arrived of the range {content_range}")
    return data
