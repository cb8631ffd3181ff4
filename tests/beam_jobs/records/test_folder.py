from beam_jobs.records import shard_name


def test_names_of_shards() -> None:
    assert shard_name("sentences", 3, 12, "default", ".txt") == "sentences-00003-of-00012.txt"
    assert shard_name("sentences", 0, 1, "train", ".txt") == "train/sentences-00000-of-00001.txt"
    assert shard_name("instances", 0, 1, "dev", ".tfrecord.gz") == "dev/instances-00000-of-00001.tfrecord.gz"
