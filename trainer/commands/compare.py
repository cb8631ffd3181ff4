"""`beambert trainer compare`: compares fine-tuned runs by the multi-bootstrap."""

import argparse
from dataclasses import asdict

from beam_jobs.console.command_parser import add_switch

DESCRIPTION = """\
Compare two sides of fine-tuned runs: is the experiment better than the base, or is it luck?

A score depends on the seeds of the training and on the examples of the test. The multi-bootstrap (Sellam et al. 2021)
draws both again and again, and gives an interval for the difference. Each side is one folder of `trainer finetune` with several
seeds (--seeds), or several folders; each of several folders counts as one seed, and the runs in it are averaged first."""
EXAMPLES = """\
trainer compare --base runs/random --experiment runs/pretrained
trainer compare --base runs/mbert --experiment runs/ours --paired --metric macro_f1 f1:Positive
trainer compare --base base-1 base-2 base-3 --experiment ours-1 ours-2 ours-3 --split test --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the runs, and how they are compared."""
    for name, what in (("base", "what is compared with"), ("experiment", "what should be better")):
        parser.add_argument(
            f"--{name}",
            nargs="+",
            action="extend",
            required=True,
            metavar="DIR|URI",
            help=f"{what}: a folder of `trainer finetune` with its seeds, or several such folders",
        )
    add_switch(
        parser,
        "paired",
        "draw the same seeds for both sides, where seed s of both shares something, such as the pretrained model or the "
        "order of the data; more can be seen then. Both sides need the same seeds; those of several folders are their places",
    )
    parser.add_argument(
        "--metric",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="scores to compare, as `trainer score` names them, or f1:CLASS and so on (default: those that are usual)",
    )
    parser.add_argument(
        "--split", default="dev", metavar="NAME", help="compare predictions/NAME.jsonl of the runs (default: dev)"
    )
    parser.add_argument("--draws", type=int, default=1000, metavar="INT", help="how often is drawn (default: 1000)")
    parser.add_argument(
        "--confidence", type=float, default=0.95, metavar="SHARE", help="of the intervals (default: 0.95)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="INT",
        help="of the draws; the same one gives the same figures (default: 0)",
    )
    add_switch(parser, "json", "print all figures as JSON instead of a table")


def run(options: argparse.Namespace) -> int:
    """Print the comparison."""
    import orjson

    from trainer.scores.comparison.compare_runs import Settings, compare
    from trainer.scores.comparison.comparison_table import comparison_lines
    from trainer.scores.comparison.read_runs import read_runs

    settings = Settings(tuple(options.metric), options.paired, options.draws, options.confidence, options.seed)
    settings.validate()
    base, experiment = (read_runs(folders, options.split) for folders in (options.base, options.experiment))
    found = compare(base, experiment, settings)
    if options.json:
        print(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2).decode())
        return 0
    for line in comparison_lines(found):
        print(line)
    return 0
