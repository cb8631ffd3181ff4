import argparse

from trainer.commands import list_plans
from trainer.plans.reading import plan_names


def test_every_plan_has_a_line(capsys):
    assert list_plans.run(argparse.Namespace()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == plan_names()
    assert all(len(line.split()) > 3 for line in lines)
