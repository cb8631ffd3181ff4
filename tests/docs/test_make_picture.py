"""The picture of the README is the one that its script draws, and readable in both colour schemes."""

import importlib.util
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_picture", DOCS / "make_picture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_picture_is_what_the_script_draws(script, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "__file__", str(tmp_path / "make_picture.py"))
    script.main()
    assert (tmp_path / "picture.svg").read_text() == (DOCS / "picture.svg").read_text(), "run docs/make_picture.py"


def test_it_has_colours_of_its_own_for_light_and_dark_pages():
    root = ElementTree.fromstring((DOCS / "picture.svg").read_text())
    style = root.find("{*}style").text
    light, dark = style.split("@media(prefers-color-scheme:dark)")
    assert re.findall(r"\.\w+\{fill:", light) == re.findall(r"\.\w+\{fill:", dark)
    used = {name for element in root.iter() for name in element.get("class", "").split()}
    assert used <= set(re.findall(r"\.(\w+)\{", style))


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["LIGHT", "DARK"])
@pytest.mark.parametrize("name", ["text", "quiet", "jobs", "trainer", "masked"])
@pytest.mark.parametrize("ground", ["page", "box"])
def test_every_text_has_the_contrast_that_WCAG_asks_for(script, scheme, name, ground):
    colours = getattr(script, scheme)
    darker, lighter = sorted((_luminance(colours[name]), _luminance(colours[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
