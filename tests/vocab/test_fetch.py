import hashlib
import socket

import pytest

from beam_jobs.errors import UserError
from vocab.fetch import cache_folder, fetch_vocabulary
from vocab.model_class import BERT_BASE_CONFIG, ModelClass, load_model_class


def class_of(data, uri, **changes):
    size = len(data.splitlines())
    fields = {
        "name": "mine",
        "lower_case": False,
        "vocab_size": size,
        "vocab_uri": uri,
        "vocab_sha256": hashlib.sha256(data).hexdigest(),
        "config": {**BERT_BASE_CONFIG, "vocab_size": size},
        **changes,
    }
    return ModelClass(**fields)


@pytest.fixture
def served(web_server, small_vocabulary):
    web_server.files["/vocab.txt"] = (small_vocabulary, None)
    return class_of(small_vocabulary, web_server.address + "/vocab.txt")


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_fetched_once_then_from_the_cache(served, web_server, own_cache, small_vocabulary):
    assert cache_folder() == own_cache
    path = fetch_vocabulary(served)
    assert path == own_cache / "mine" / "vocab.txt"
    assert path.read_bytes() == small_vocabulary
    assert fetch_vocabulary(served) == path
    assert web_server.requests == ["/vocab.txt"]
    assert names(own_cache) == ["mine/vocab.txt"]


def test_kept_in_vocab_dir_when_one_is_named(served, web_server, own_cache, tmp_path):
    folder = tmp_path / "vocabularies"
    path = fetch_vocabulary(served, folder)
    assert path == folder / "mine" / "vocab.txt"
    assert fetch_vocabulary(served, str(folder)) == path
    assert len(web_server.requests) == 1
    assert not own_cache.exists()


@pytest.mark.parametrize("place", ["mine/vocab.txt", "mine_vocab.txt", "mine-vocab.txt", "vocab.txt"])
def test_found_in_vocab_dir_without_the_network(served, web_server, tmp_path, small_vocabulary, place):
    path = tmp_path / "dir" / place
    path.parent.mkdir(parents=True)
    path.write_bytes(small_vocabulary)
    assert fetch_vocabulary(served, tmp_path / "dir") == path
    assert web_server.requests == []


def test_another_vocabulary_in_vocab_dir_is_refused(served, tmp_path, small_vocabulary):
    (tmp_path / "vocab.txt").write_bytes(small_vocabulary + b"more\n")
    with pytest.raises(
        UserError, match=r"vocab\.txt: not the vocabulary of model class mine: SHA-256 is \w{16}\.\.\., expected"
    ):
        fetch_vocabulary(served, tmp_path)


def test_wrong_checksum_leaves_nothing_behind(served, web_server, own_cache, small_vocabulary):
    web_server.files["/vocab.txt"] = (small_vocabulary.replace(b"hus", b"sus"), None)
    with pytest.raises(UserError, match="not the vocabulary of model class mine"):
        fetch_vocabulary(served)
    assert not own_cache.exists()


def test_broken_connection_is_an_error_not_a_short_file(served, web_server, own_cache, small_vocabulary):
    web_server.files["/vocab.txt"] = (small_vocabulary[:-9], len(small_vocabulary))
    with pytest.raises(
        UserError, match=r"cannot fetch .*connection broke after .* put the vocabulary at .*mine/vocab\.txt by hand"
    ):
        fetch_vocabulary(served)
    assert not own_cache.exists()


def test_damaged_cache_is_fetched_anew(served, web_server, small_vocabulary):
    path = fetch_vocabulary(served)
    path.write_bytes(small_vocabulary[:20])
    assert fetch_vocabulary(served).read_bytes() == small_vocabulary
    assert len(web_server.requests) == 2


def test_a_vocabulary_put_into_the_cache_by_hand_is_kept_when_it_is_another(
    served, own_cache, small_vocabulary, capsys
):
    path = own_cache / "mine" / "vocab.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(small_vocabulary + b"more\n")
    assert fetch_vocabulary(served).read_bytes() == small_vocabulary
    (kept,) = path.parent.glob("vocab.txt.*")
    assert kept.read_bytes() == small_vocabulary + b"more\n"
    assert f"kept as {kept}" in capsys.readouterr().err


def test_without_a_hash_the_size_is_checked_and_the_hash_told(web_server, small_vocabulary, capsys):
    web_server.files["/vocab.txt"] = (small_vocabulary, None)
    model_class = class_of(small_vocabulary, web_server.address + "/vocab.txt", vocab_sha256="")
    fetch_vocabulary(model_class)
    assert (
        f"only its 14 pieces were checked, the class names no hash; SHA-256 {hashlib.sha256(small_vocabulary).hexdigest()}"
        in (capsys.readouterr().err)
    )
    web_server.files["/vocab.txt"] = (small_vocabulary + b"more\n", None)
    with pytest.raises(UserError, match="holds 15 pieces, but model class other has vocab_size 14"):
        fetch_vocabulary(class_of(small_vocabulary, model_class.vocab_uri, vocab_sha256="", name="other"))


def test_missing_on_the_server(served, web_server):
    web_server.files.clear()
    with pytest.raises(UserError, match=r"cannot fetch .*/vocab\.txt \(.*HTTP 404\)"):
        fetch_vocabulary(served)


def test_offline_without_cache_says_which_file_to_put_where(monkeypatch, own_cache):
    def no_network(*arguments, **settings):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    with pytest.raises(UserError) as error:
        fetch_vocabulary(load_model_class("bert_multi_cased"))
    message = str(error.value)
    assert "\n" not in message
    assert "google-bert/bert-base-multilingual-cased" in message
    assert "Name or service not known" in message
    assert f"put the vocabulary at {own_cache / 'bert_multi_cased' / 'vocab.txt'} by hand" in message
    assert "--vocab_file" in message


def test_nobody_listening_is_told_at_once(small_vocabulary):
    with pytest.raises(UserError, match="Connection refused"):
        fetch_vocabulary(class_of(small_vocabulary, "http://127.0.0.1:1/vocab.txt"))


@pytest.mark.parametrize("as_uri", [False, True])
def test_local_addresses_are_used_where_they_lie(tmp_path, small_vocabulary, own_cache, as_uri):
    path = tmp_path / "mine.txt"
    path.write_bytes(small_vocabulary)
    assert fetch_vocabulary(class_of(small_vocabulary, path.as_uri() if as_uri else str(path))) == path
    assert not own_cache.exists()
    path.unlink()
    with pytest.raises(UserError, match=r"mine\.txt: cannot read the vocabulary of model class mine: No such file"):
        fetch_vocabulary(class_of(small_vocabulary, str(path)))


def test_folder_that_cannot_be_written(served, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write the vocabulary: Not a directory; name a folder"):
        fetch_vocabulary(served, tmp_path / "file")


@pytest.mark.parametrize(
    ("uri", "message"),
    [("ftp://host/v.txt", "unknown kind of address ftp://"), ("", "has no vocab_uri; put the vocabulary at")],
)
def test_addresses_that_cannot_be_fetched(small_vocabulary, uri, message):
    with pytest.raises(UserError, match=message):
        fetch_vocabulary(class_of(small_vocabulary, uri))
