"""The graph of a pipeline that is built and not run: its steps by name, and its size."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import AppliedPTransform, PipelineVisitor
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

_DEPTH = 2
_OF_BEAM = re.compile(r"Impulse|MaybeReshuffle|Map\(|FlatMap\(")  # inside beam.Create


@dataclass(frozen=True)
class Graph:
    """`steps` are (depth, name) of the steps that we have named, in order; `leaves` counts those that an engine runs."""

    steps: tuple[tuple[int, str], ...]
    leaves: int
    bytes: int
    """Size of the pipeline as it is sent to an engine."""

    def lines(self) -> list[str]:
        """The graph for a terminal."""
        head = f"graph      {self.leaves} steps, {self.bytes / 1e3:,.0f} kB"
        return [head, *(f"           {'  ' * depth}{name}" for depth, name in self.steps)]


def graph_of(build: Callable[[beam.Pipeline], object]) -> Graph:
    """The graph that `build` makes. Nothing runs, and no engine is asked."""
    pipeline = beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([]))
    build(pipeline)
    visitor = _Names()
    pipeline.visit(visitor)
    return Graph(tuple(visitor.steps), visitor.leaves, pipeline.to_runner_api().ByteSize())


class _Names(PipelineVisitor):
    def __init__(self) -> None:
        self.steps: list[tuple[int, str]] = []
        self.leaves = 0

    def enter_composite_transform(self, transform_node: AppliedPTransform) -> None:
        self._name(transform_node)

    def visit_transform(self, transform_node: AppliedPTransform) -> None:
        self.leaves += 1
        self._name(transform_node)

    def _name(self, node: AppliedPTransform) -> None:
        depth = -1
        parent = node
        while parent.parent is not None:
            depth, parent = depth + 1, parent.parent
        name = node.full_label.rpartition("/")[2]
        if 0 <= depth < _DEPTH and not _OF_BEAM.match(name):
            self.steps.append((depth, name))
