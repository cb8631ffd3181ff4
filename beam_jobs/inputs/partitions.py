"""The fields in the folder names of a partitioned table of Hive, Spark or Arrow: `lang=nb/year=2020/part-0.parquet`."""

from urllib.parse import unquote

_NULL = "__HIVE_DEFAULT_PARTITION__"


def partition_fields(name: str) -> dict[str, str]:
    """The fields in the folders of a file's name, which begins at the folder of the pattern that found the file.

    Escapes in values, such as `%20`, are decoded, and Hive's name for a missing value becomes "". If a field occurs
    twice, the folder nearest to the file wins.
    """
    fields = {}
    for folder in name.split("/")[:-1]:
        key, equals, value = folder.partition("=")
        if key and equals:
            fields[unquote(key)] = "" if value == _NULL else unquote(value)
    return fields
