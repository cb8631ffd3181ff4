"""One exact byte range of an object, read in one request and tried again if the connection breaks while it arrives.

Google's client repeats failed requests by itself, for two minutes, and boto3's up to four times. Both wait longer and
longer in between, by a random time. But boto3 does not repeat a request whose body breaks off. `s3_range` does.
"""

import random
import time
from typing import Any

_TRIES = 4
_FIRST_WAIT_SECONDS = 0.5  # doubled after each try, and multiplied by a random number from 0.5 to 1.5


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
    from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

    for tried in range(1, _TRIES + 1):
        try:
            answer = client.get_object(Bucket=bucket, Key=key, Range=f"bytes={offset}-{offset + size - 1}")
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("InvalidRange", "416"):
                return b""
            raise
        try:
            return answer["Body"].read()
        except (HTTPClientError, IncompleteReadError):
            if tried == _TRIES:
                raise
            time.sleep(_FIRST_WAIT_SECONDS * 2 ** (tried - 1) * (0.5 + random.random()))
    raise AssertionError
