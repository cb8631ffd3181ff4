import apache_beam as beam

from beam_jobs.engines.graph import graph_of


class Both(beam.PTransform):
    def expand(self, numbers):
        return numbers | "twice" >> beam.Map(lambda x: 2 * x) | "together" >> beam.combiners.ToList()


def test_steps_by_their_names_without_those_of_beam():
    graph = graph_of(lambda pipeline: pipeline | "numbers" >> beam.Create([1, 2]) | "both" >> Both())
    assert graph.steps == ((0, "numbers"), (0, "both"), (1, "twice"), (1, "together"))
    assert graph.leaves > 4
    assert 1000 < graph.bytes < 100_000
    assert graph.lines()[0].startswith(f"graph      {graph.leaves} steps, ")
    assert graph.lines()[3] == "             twice"
