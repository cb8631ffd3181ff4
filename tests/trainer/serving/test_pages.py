import os
import re
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from tiny_servers import client, post

from trainer.serving.openapi import openapi_document
from trainer.serving.pages import reference_page, try_page

in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium")
PICTURES = os.environ.get("BEAMBERT_TEST_PICTURES")  # a folder, to look at what the browser shows


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


def picture(browser, name):
    if PICTURES:
        browser.picture(Path(PICTURES) / f"{name}.png")


def shown(browser, section):
    """The text of what a section answers."""
    browser.wait(
        f"!document.querySelector('#{section} button').disabled && document.querySelector('#{section} .out').firstChild"
    )
    return browser.run(f"document.querySelector('#{section} .out').innerText")


def contrast(one, other):
    """The ratio of WCAG 2 between two colours of CSS."""

    def luminance(colour):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def open_page(browser, server, **options):
    browser.requested.clear()
    browser.problems.clear()
    browser.open(server.url, **options)
    browser.wait("document.body.dataset.ready === 'yes'")


@in_a_browser
def test_a_gap_is_filled_and_texts_are_compared(browser, pretrained):
    open_page(browser, pretrained)
    visible = "[...document.querySelectorAll('section')].filter(s => !s.hidden).map(s => s.id)"
    assert browser.run(visible) == ["fill_mask", "embed"]
    browser.type("gap", "den [MASK] var [MASK] .")
    browser.click("#fill_mask button")
    wanted = post(pretrained, "/fill_mask", {"inputs": "den [MASK] var [MASK] ."})[1]["fillings"][0]
    lines = shown(browser, "fill_mask").split("\n")
    assert [line for line in lines if line and "%" not in line] == [
        text for number, gap in enumerate(wanted, 1) for text in (f"Gap {number}", *(one["piece"] for one in gap))
    ]
    browser.type("gap", "den film")
    browser.click("#fill_mask button")
    browser.wait("document.querySelector('#fill_mask .wrong')")
    assert shown(browser, "fill_mask") == "inputs[0] has no [MASK]; put one where a word is missing"
    browser.type("one", "den film var god")
    browser.type("others", "den bok var god\nOslo\nden film var god")
    browser.click("#embed button")
    lines = [line for line in shown(browser, "embed").split("\n") if line]
    assert lines[1:3] == ["den film var god", "1.000"]
    assert {lines[3], lines[5]} == {"den bok var god", "Oslo"}
    picture(browser, "gaps")
    assert {address.partition("/")[0] for address in browser.requested} <= {"http:", "data:"}
    assert all(address.startswith((pretrained.url, "data:")) for address in browser.requested)
    (problem,) = browser.problems  # of the text without a gap
    assert "status of 422" in problem


@in_a_browser
def test_a_class_is_shown_with_its_probability(browser, server_of):
    server = server_of("classify")
    open_page(browser, server)
    assert browser.run("document.getElementById('task').textContent") == "Classify"
    browser.type("text", "den film var god")
    browser.click("#predict button")
    row = post(server, "/predict", {"inputs": "den film var god"})[1]["predictions"][0]
    text = shown(browser, "predict")
    assert text.startswith(f"Predicted: {row['label']}")
    assert f"{100 * row['probabilities'][row['label']]:.1f} %" in text
    picture(browser, "class")
    assert browser.problems == []


@in_a_browser
def test_names_are_marked(browser, server_of):
    server, text = server_of("tag"), "🎬 Kari bor i Oslo ."
    open_page(browser, server)
    browser.type("text", text)
    browser.click("#predict button")
    found = post(server, "/predict", {"inputs": text})[1]["predictions"][0]["entities"]
    assert found  # the weights are drawn so
    shown(browser, "predict")
    marks = browser.run(
        "[...document.querySelectorAll('#predict mark')].map(m => [m.firstChild.data, m.lastChild.textContent])"
    )
    assert marks == [[one["text"], one["type"]] for one in found]
    picture(browser, "names")


@in_a_browser
def test_an_answer_is_highlighted_where_it_stands(browser, server_of):
    server, context = server_of("answer"), "🎬 Kari bor i Oslo . Ola bor i Bergen"
    open_page(browser, server)
    browser.type("context", context)
    browser.type("question", "hvor bor Kari")
    browser.click("#answer button")
    row = post(server, "/answer", {"question": "hvor bor Kari", "context": context})[1]["answers"][0]
    shown(browser, "answer")
    assert browser.run("[...document.querySelectorAll('#answer mark')].map(m => m.textContent)") == [row["answer"]]
    assert browser.run("document.querySelector('#answer .out p').textContent") == context
    picture(browser, "answer")


@in_a_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1000])
def test_it_fits_a_telephone_and_can_be_read_in_the_dark(browser, server_of, dark, width):
    server = server_of("answer")
    open_page(browser, server, width=width, dark=dark)
    browser.type("context", "Kari bor i Oslo " * 10 + "o" * 300)
    browser.type("question", "hvor bor Kari")
    browser.click("#answer button")
    shown(browser, "answer")
    assert browser.run("document.documentElement.scrollWidth") <= width
    for selector in (".about", "h2", "label", "button", "mark", "textarea"):
        colours = browser.run(
            f"(() => {{ const s = e => getComputedStyle(e); let e = document.querySelector('#answer {selector}')"
            f"?? document.querySelector('{selector}'); const ink = s(e).color;"
            "while (s(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement; return [ink, s(e).backgroundColor]; })()"
        )
        assert contrast(*colours) >= 4.5, (selector, colours)
    light = contrast(browser.run("getComputedStyle(document.body).backgroundColor"), "rgb(0, 0, 0)")
    assert (light < 3) == dark
    picture(browser, f"answer-{width}-{'dark' if dark else 'light'}")
    browser.open(server.url + "/docs", width=width, dark=dark)
    assert browser.run("document.documentElement.scrollWidth") <= width
    picture(browser, f"docs-{width}-{'dark' if dark else 'light'}")


@in_a_browser
def test_a_key_is_asked_for_and_used(browser, server_of, monkeypatch):
    monkeypatch.setenv("TEST_BERT_KEY", "sesam")
    server = server_of("pretrained", api_key_env="TEST_BERT_KEY")
    browser.open(server.url)
    browser.wait("!document.getElementById('key').hidden")
    browser.type("secret", "sesam")
    browser.click("#key button")
    browser.wait("document.body.dataset.ready === 'yes'")
    browser.type("gap", "den [MASK]")
    browser.click("#fill_mask button")
    assert shown(browser, "fill_mask").startswith("Gap 1")


def test_the_pages_need_no_other_address(server_of):
    with client(server_of("answer")) as http:
        for path in ("/", "/docs"):
            response = http.get(path)
            assert response.headers["content-security-policy"].startswith("default-src 'none'")
            assert "//" not in re.sub(r"^\s*//.*$", "", response.text, flags=re.MULTILINE)
    assert 'name="viewport"' in try_page()


def test_the_reference_names_every_field(server_of):
    document = openapi_document(server_of("answer").model, keyed=True)
    page = reference_page(document)
    for path, operations in document["paths"].items():
        assert path in page
        for operation in operations.values():
            content = operation.get("requestBody", {"content": {}})["content"].get("application/json")
            for name in content["schema"]["properties"] if content else ():
                assert f"<code>{name}</code>" in page
    assert "{&quot;question&quot;: &quot;Hvor bor Kari?&quot;" in page
