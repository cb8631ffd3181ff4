import re

from trainer.serving.metrics import Metrics


def test_the_text_is_in_the_format_of_prometheus():
    metrics = Metrics()
    metrics.request("/embed", 200, 0.02)
    metrics.request("/embed", 200, 40)
    metrics.request("/embed", 429, 0.001)
    metrics.batch("embed", 3, 20, 64)
    metrics.batch("embed", 1, 5, 16)
    metrics.discarded(2)
    lines = metrics.text({"beambert_queue_rows": ("Rows that wait.", 7)}).splitlines()
    assert 'beambert_requests_total{path="/embed",status="200"} 2' in lines
    assert 'beambert_requests_total{path="/embed",status="429"} 1' in lines
    assert 'beambert_batches_total{computation="embed"} 2' in lines
    assert 'beambert_rows_total{computation="embed"} 4' in lines
    assert 'beambert_padded_pieces_total{computation="embed"} 80' in lines
    assert "beambert_discarded_rows_total 2" in lines
    assert "beambert_queue_rows 7" in lines
    buckets = [int(n) for n in re.findall(r'_bucket\{path="/embed",le="[^"]+"\} (\d+)', "\n".join(lines))]
    assert buckets == [1, 1, 2, *[2] * 9, 3]
    assert 'beambert_request_seconds_count{path="/embed"} 3' in lines
    for line in lines:
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{\w+=\"[^\"]*\"(,\w+=\"[^\"]*\")*\})? [\d.e+-]+", line)
