"""Fields that the folders of a partitioned table hold: `lang=nb/year=2020/part-0.parquet`, as Hive, Spark and Arrow write."""

from urllib.parse import unquote

_NULL = "__HIVE_DEFAULT_PARTITION__"


def partition_fields(name: str) -> dict[str, str]:
    """The fields in the folders of a file's name, which begins at the folder of the pattern that found the file.

    Values are decoded (`%20`); that of a missing one is empty. The nearest folder wins.
    """
    fields = {}
    for folder in name.split("/")[:-1]:
        key, equals, value = folder.partition("=")
        if key and equals:
            fields[unquote(key)] = "" if value == _NULL else unquote(value)
    return fields
