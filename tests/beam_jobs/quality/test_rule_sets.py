import pytest

from beam_jobs.errors import UserError
from beam_jobs.quality.rule_sets import RULE_SETS, chosen_rules, rule_with_threshold
from beam_jobs.quality.rules import RULES


def test_every_set_names_known_rules_in_their_order() -> None:
    for name, members in RULE_SETS.items():
        assert [rule.name for rule in chosen_rules(name)] == list(members)
        assert chosen_rules(name) == tuple(rule for rule in RULES if rule.name in members)
    assert chosen_rules("none") == ()
    assert {rule.name for rule in RULES} == {name for members in RULE_SETS.values() for name in members}


def test_a_threshold_changes_a_rule_of_the_set() -> None:
    rules = {rule.name: rule.threshold for rule in chosen_rules("web", ["gopher_few_words=10"])}
    assert rules["gopher_few_words"] == 10
    assert len(rules) == len(RULE_SETS["web"])


def test_a_rule_that_is_not_in_the_set_joins_it_in_order() -> None:
    rules = chosen_rules("light", ["ocr_longest_word = 60", "few_letters=.25", "gopher_few_words=1e1"])
    assert [(rule.name, rule.threshold) for rule in rules] == [
        ("replacement_characters", 0.001),
        ("few_letters", 0.25),
        ("javascript_code", 0),
        ("c4_lorem_ipsum", 0),
        ("gopher_few_words", 10),
        ("gopher_repeated_lines", 0.3),
        ("ocr_longest_word", 60),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gopher_few_word=10", "'gopher_few_word=10' names no rule of quality; the nearest is gopher_few_words=50"),
        ("Braces=1", "'Braces=1' names no rule of quality; the nearest is c4_braces=0"),
        ("few_letters", "'few_letters' has no threshold: write few_letters=0.5, for example"),
        ("few_letters=", "'few_letters=' has no threshold: write few_letters=0.5, for example"),
        ("few_letters=50", "'few_letters=50': the threshold of few_letters must be a number from 0 to 1, such as 0.5"),
        ("c4_braces=-1", "'c4_braces=-1': the threshold of c4_braces must be a number from 0 up, such as 0"),
        ("c4_braces=nan", "'c4_braces=nan': the threshold of c4_braces must be a number from 0 up, such as 0"),
        ("c4_braces=1e999", "'c4_braces=1e999': the threshold of c4_braces must be a number from 0 up, such as 0"),
        ("c4_braces=1=2", "'c4_braces=1=2': the threshold of c4_braces must be a number from 0 up, such as 0"),
    ],
)
def test_a_threshold_that_means_nothing_is_one_line(text: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        rule_with_threshold(text)
    assert str(raised.value) == message


def test_whatever_stands_before_the_sign_has_a_nearest_rule() -> None:
    for text in ("", "=", "=1", "zz=1", "語=1"):
        with pytest.raises(UserError, match="the nearest is"):
            rule_with_threshold(text)


def test_a_rule_has_one_threshold() -> None:
    with pytest.raises(UserError, match="gives c4_braces a second threshold"):
        chosen_rules("web", ["c4_braces=1", "c4_braces=2"])


def test_an_unknown_set_names_the_nearest() -> None:
    with pytest.raises(UserError, match="'lite' is no set of rules of quality: did you mean light"):
        chosen_rules("lite")
    with pytest.raises(UserError, match="the sets are none, light, web, ocr"):
        chosen_rules("zzz")
