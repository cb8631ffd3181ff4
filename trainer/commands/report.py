"""`beambert trainer report`: one page about one or several runs."""

import argparse

from trainer.commands.named_paths import require_folder

DESCRIPTION = (
    "Show what runs did, finished or not: a table on the terminal, and with --html one page with the curves of losses, accuracy, "
    "rates, norms and speed, the evaluations, the corpus, the plan and the environment. Several runs share the curves."
)
EXAMPLES = """\
trainer report run
trainer report run --html run.html
trainer report runs/seed_1 runs/seed_2 --html seeds.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the runs and the page."""
    parser.add_argument("runs", nargs="+", metavar="DIR|URI", help="outputs of trainer pretrain, distill or finetune")
    parser.add_argument(
        "--html", default="", metavar="FILE", help="write this page; one from an earlier report is replaced"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the table, and write the page."""
    require_folder("report", arguments.runs, "name the --output of a training run")
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from beam_jobs import storage
    from beam_jobs.errors import UserError
    from trainer.report.figures import run_row
    from trainer.report.page import page
    from trainer.report.run_record import read_runs

    if arguments.html and not arguments.html.endswith((".html", ".htm")):
        raise UserError(f"--html {arguments.html}: the page is HTML; name a file that ends in .html")
    runs = read_runs(arguments.runs)
    rows = [run_row(found) for found in runs]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for name in rows[0]:
        if any(row[name] for row in rows):
            table.add_row(Text(name, "dim"), *(Text(row[name]) for row in rows))
    console = Console(highlight=False)
    (console if console.is_terminal else Console(highlight=False, width=200)).print(table)
    if arguments.html:
        storage.write_whole(arguments.html, page(runs).encode())
        print(f"wrote {arguments.html}")
    return 0
