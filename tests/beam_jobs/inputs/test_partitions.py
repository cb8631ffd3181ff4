import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.inputs.partitions import partition_fields


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("part-0.parquet", {}),
        ("lang=nb/year=2020/part-0.parquet", {"lang": "nb", "year": "2020"}),
        ("a/lang=nb/b/x=y.txt", {"lang": "nb"}),
        ("lang=__HIVE_DEFAULT_PARTITION__/a.txt", {"lang": ""}),
        ("lang=nb/lang=nn/a.txt", {"lang": "nn"}),
        ("=nb/equation a=b=c/a.txt", {"equation a": "b=c"}),
        ("na%20me=va%2Flue/a.txt", {"na me": "va/lue"}),
    ],
)
def test_fields_of_a_name(name, fields):
    assert partition_fields(name) == fields


def test_the_folders_that_arrow_writes(tmp_path):
    values = ["nb", "a b/c=d%", "æ", None]
    pq.write_to_dataset(pa.table({"text": ["x"] * 4, "lang": values}), tmp_path, partition_cols=["lang"])
    found = [partition_fields(str(path.relative_to(tmp_path)))["lang"] for path in tmp_path.rglob("*.parquet")]
    assert sorted(found) == sorted(value or "" for value in values)
