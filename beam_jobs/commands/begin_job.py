"""Begins a job as its command line says: shows what it will do, writes it down as a template, or runs it."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from beam_jobs.commands.job_settings import beam_arguments

if TYPE_CHECKING:
    from beam_jobs.jobs.preview import Preview


def begin_job(
    options: argparse.Namespace,
    name: str,
    settings: Sequence[Any],
    show: Callable[[Sequence[str], "Preview"], bool],
    run: Callable[[Sequence[str]], Any],
) -> int:
    """Begin a job. Returns the exit status.

    Args:
        options: the parsed command line.
        name: of the job, as a template tells it.
        settings: of the job's steps.
        show: shows plan and estimate, given Beam's options; returns whether that was all that was wanted. It is only
            called for a dry run or a remote engine.
        run: runs the job, given Beam's options. It imports Beam, which takes a second, so it is called last.

    Raises:
        UserError: what the job reads is not there, or the job fails.
    """
    arguments = beam_arguments(options)
    remote = any(argument.startswith("--runner") for argument in arguments)
    template = any(argument.partition("=")[0] == "--template_location" for argument in arguments)
    if not remote and not template:
        from beam_jobs.commands.look_first import look_first  # not for --help

        look_first(settings)
    if options.dry_run or remote:
        from beam_jobs.jobs.preview import Preview

        if show(arguments, Preview(options.dry_run, options.estimate, options.prices)):
            return 0
    if template:
        from beam_jobs.jobs.template import make_template

        make_template(name, settings, arguments)
    else:
        run(arguments)
    return 0
