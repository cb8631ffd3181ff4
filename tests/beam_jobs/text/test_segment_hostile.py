"""Inputs that hung or broke other segmenters, in full size: what is quadratic in any of them would take hours.

They run in one process of their own with a time limit far above need, so that a hang fails instead of blocking.
"""

import json
import subprocess
import sys

MILLION = 1_000_000

HOSTILE = {
    "dots": (".", MILLION),
    "spaced dots": (". ", MILLION),
    "marks": ("?!", MILLION),
    "quotation marks": ('"', MILLION),
    "opening brackets": ("(", MILLION),
    "closing brackets": (")", MILLION),
    "spaces": (" ", MILLION),
    "line breaks": ("\n", MILLION),
    "digits": ("7", MILLION),
    "initials": ("A. ", MILLION),
    "one abbreviation": ("f.eks. ", MILLION),
    "stop and quotes": ('."»', MILLION),
    "colon and quote": (': "', MILLION),
    "no punctuation": ("ordet ", 10_000_000 // 6),
    "no space": ("x", 10_000_000),
    "emoticons": (":)", MILLION),
    "references": (".[1]", MILLION),
    "spaced closing marks": (". ''", MILLION),
    "spaced quotes": ('. "', MILLION // 2),
    "open title": ("«a: B", MILLION // 2),
    "refused dates": ("1. Mai ", MILLION // 2),
    "dashes": ("a - Det ", MILLION // 2),
    "openers": (". (", MILLION // 2),
    "ellipses": ("(…) ", MILLION // 2),
    "full-width stops": ("。", MILLION),
    "full-width stops and brackets": ("。」", MILLION),
    "apostrophes": ("a'", MILLION),
    "section numbers": ("1.1.", MILLION),
    "wrapped lines": ("ord ord ord ord ord ord ord ord ord\n", MILLION // 20),
    "lone surrogates": ("\ud800. ", MILLION // 2),
    "stops of two scripts": ("।.", MILLION),
    "stops of three scripts": ("\U00011141.。", MILLION // 2),
    "stops of which some need a space": ("\U00011141\U00011142!", MILLION // 2),
    "Khmer stops": ("។ល។", MILLION),
    "shads": ("། ", MILLION),
    "opening shads": ("༄༅། །", MILLION // 2),
    "nul": ("\0", MILLION),
    "combining marks": ("\u0301\u0323", MILLION),
    "combining marks that decompose": ("\u0344\u0f73", MILLION),
}

SCRIPT = """
import json, random, sys
from beam_jobs.text.normalise import normalise
from beam_jobs.text.segment import segment

def check(name, text, language):
    sentences = segment(text, language)
    assert "".join("".join(sentences).split()) == "".join(text.split()), name
    assert all(sentences), name
    return len(sentences)

counts = {}
for name, (piece, times) in json.loads(sys.stdin.read()).items():
    counts[name] = check(name, normalise("Vi " + piece * times), "nb")
    check(name, ("vi " + piece * (times // 4)).lower(), "de")
random.seed(1)
noise = "".join(map(chr, random.choices(range(0x110000), k=300_000))) + "".join(map(chr, random.choices(range(128), k=300_000)))
check("random", noise, "nb")
check("random, normalised", normalise(noise), "")
print(json.dumps(counts))
"""


def test_hostile_inputs_in_full_size():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(HOSTILE), capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    counts = json.loads(done.stdout)
    assert counts.keys() == HOSTILE.keys()
    assert counts["one abbreviation"] == 1
    assert counts["no punctuation"] == 1
    assert counts["full-width stops"] == 1
    assert counts["full-width stops and brackets"] == MILLION
