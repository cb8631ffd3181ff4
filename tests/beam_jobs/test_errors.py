import pytest

from beam_jobs.errors import UserError, raise_first


def test_the_first_problem_is_raised_and_no_further_one_is_looked_for():
    def problems():
        yield "a", "is 3: use 2"
        raise AssertionError

    with pytest.raises(UserError, match=r"^plan\.toml: a is 3: use 2$"):
        raise_first(problems(), "plan.toml: ")


def test_without_a_problem_nothing_is_raised():
    raise_first(iter(()), "--")
