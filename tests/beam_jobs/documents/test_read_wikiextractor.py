from itertools import pairwise

import pytest

TITLES = ["Norge", 'Sitat "her"', "AT&T", "Øl"]
ARTICLES = [
    f'<doc id="{i + 10}" url="https://no.wikipedia.org/wiki?curid={i}" title="{title}">\n'
    f"{title}\n\nFørste avsnitt om &lt;{title}&gt;.\n\nAndre avsnitt &amp; slutt.\n\n</doc>\n"
    for i, title in enumerate(TITLES)
]


@pytest.fixture
def wiki(tmp_path):
    def make(text, name="wiki_00"):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return make


@pytest.mark.parametrize("name", ["wiki_00", "wiki.txt"])
def test_articles_are_documents(wiki, read, name):
    path = wiki("".join(ARTICLES), name)
    documents, rejections, faults = read(path, language="nb")
    assert rejections == []
    assert [d.id for d in documents] == ["10", "11", "12", "13"]
    assert documents[2].text == "AT&T\n\nFørste avsnitt om <AT&T>.\n\nAndre avsnitt & slutt.\n\n"
    assert (documents[0].language, documents[1].offset) == ("nb", len(ARTICLES[0].encode()))
    assert sum(d.size for d in documents) == faults.bytes_read == path.stat().st_size


@pytest.mark.parametrize("cuts", [2, 3, 7, 50])
def test_ranges_hold_every_article_once(wiki, read, cuts):
    path = wiki("".join(ARTICLES))
    size = path.stat().st_size
    parts = [read(path, a, b) for a, b in pairwise([size * i // cuts for i in range(cuts + 1)])]
    assert [d for part in parts for d in part[0]] == read(path)[0]
    assert not any(part[1] for part in parts)
    assert sum(part[2].bytes_read for part in parts) == size


def test_an_article_without_an_end_and_lines_outside(wiki, read):
    broken = ARTICLES[0].replace("</doc>\n", "")
    documents, rejections, faults = read(wiki(broken + ARTICLES[1] + "astray\n" + broken))
    assert [d.id for d in documents] == ["10", "11", "10"]
    assert faults.repaired == {"articles_without_end": 2}
    assert [(r.reason, r.size) for r in rejections] == [("outside_of_doc", 7)]


def test_an_empty_article_is_set_aside(wiki, read):
    (rejection,) = read(wiki('<doc id="1" url="u" title="t">\n\n</doc>\n'))[1]
    assert (rejection.reason, rejection.id) == ("empty", "1")


def test_a_giant_article_is_set_aside(wiki, read, monkeypatch):
    monkeypatch.setattr("beam_jobs.documents.read_wikiextractor.MAX_DOCUMENT_BYTES", 300)
    giant = ARTICLES[0].replace("</doc>", "En linje til.\n" * 40 + "</doc>")
    documents, rejections, _ = read(wiki(giant + ARTICLES[1]))
    assert [d.id for d in documents] == ["11"]
    assert [(r.reason, r.size) for r in rejections] == [("too_large", len(giant.encode()))]


def test_its_json_and_what_is_none_of_it(wiki, read):
    (document,) = read(wiki('{"id": "7", "url": "u", "title": "t", "text": "Tekst."}\n'))[0]
    assert (document.id, document.text) == ("7", "Tekst.")
    documents, rejections, _ = read(wiki("just a line\n"))
    assert documents == []
    assert [r.reason for r in rejections] == ["outside_of_doc"]
    (document,) = read(wiki('A text about <doc id="1" title="x">.\n', "a.txt"))[0]
    assert document.id == "a.txt"
