"""Dataflow without Dataflow: the request at full size, and a submission to a service of our own that runs what was staged."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import apache_beam as beam
import pytest

from beam_jobs import storage
from beam_jobs.engines.dataflow_request import LIMIT_BYTES, dataflow_request
from beam_jobs.errors import UserError
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.jobs.corpus import corpus_graph, run_corpus
from beam_jobs.jobs.instances.job import InstanceJob
from beam_jobs.jobs.instances.pipeline import WriteInstances, run_instances
from beam_jobs.jobs.instances.plan_instances import InstanceItem, SentenceRange
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.pipeline import SegmentCorpus, run_segment
from beam_jobs.jobs.vocabulary.job import VocabularyJob
from beam_jobs.jobs.vocabulary.pipeline import LearnVocabulary, run_vocabulary
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

OPTIONS = ["--runner=DataflowRunner", "--project=project-1", "--region=region-1", "--no_auth"]
IMAGE = "--sdk_container_image=gcr.io/project-1/beambert:1"
RANGES, SHARDS = 22_000, 24_000
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij.", *(f"##{c}" for c in "abcdefghij")]


def _full_size() -> dict[str, Callable[[beam.Pipeline], object]]:
    """The graphs of all jobs for 22,000 ranges and 24,000 instance shards."""
    given = ("gs://bucket/raw",), "gs://bucket/made"
    lines = [(number, 220 * number, 220) for number in range(RANGES)]
    segment = SegmentJob(SegmentSettings(*given), given[1], "0" * 16, 0.0)
    words = VocabularyJob(VocabularySettings(*given), given[1], "0" * 16, 0.0)
    made = InstanceJob(InstanceSettings(*given), given[1], False, 119_547, "0" * 64, "0" * 16, 0, 0.0)
    items = []
    for number in range(SHARDS):
        name = f"train/sentences-{number:05d}-of-{SHARDS}.txt"
        part = SentenceRange(f"gs://bucket/made/sentences/{name}", name, 0, -1, 10**8, f"{number * 7919:08x}", 10**8)
        items.append(
            InstanceItem(number, f"train/instances-{number:05d}-of-{SHARDS}.tfrecord.gz", "train", 10**8, (part,))
        )
    return {
        "segment": lambda p: p | beam.Create(lines) | "segment" >> SegmentCorpus(segment),
        "vocabulary": lambda p: p | beam.Create(lines) | "vocabulary" >> LearnVocabulary(words),
        "instances": lambda p: p | beam.Create(items) | "instances" >> WriteInstances(made),
        "corpus": lambda p: corpus_graph(p, segment, made, lines, None),
    }


@pytest.mark.parametrize("job", ["segment", "vocabulary", "instances", "corpus"])
def test_the_request_of_the_largest_corpus_is_small(job: str) -> None:
    options = pipeline_options([*OPTIONS, "--temp_location=gs://bucket/temp", "--max_num_workers=100"])
    request = dataflow_request(_full_size()[job], options)
    assert request.job_bytes < 50_000
    assert request.pipeline_bytes < LIMIT_BYTES / 10


class _Service:
    """A part of Dataflow's REST interface: a job that is created runs the pipeline that was staged for it."""

    def __init__(self, run: Callable[[str, dict], None], end: str = "JOB_STATE_DONE") -> None:
        self.jobs: list[dict] = []
        self._run, self._end, self._asked = run, end, 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._answer(service.create(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

            def do_GET(self) -> None:
                self._answer(service.messages() if "/messages" in self.path else service.state())

            def log_message(self, *_: object) -> None:
                pass

            def _answer(self, content: dict) -> None:
                data = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def create(self, job: dict) -> dict:
        self.jobs.append(job)
        self._asked = 0
        if self._end == "JOB_STATE_DONE":
            options = job["environment"]["sdkPipelineOptions"]["options"]
            self._run(options["pipelineUrl"], options)
        return {**self.state(), "name": job["name"]}

    def state(self) -> dict:
        self._asked += 1
        state = "JOB_STATE_RUNNING" if self._asked < 3 else self._end
        return {"id": "2026-01-01_00_00_00-1", "currentState": state}

    def messages(self) -> dict:
        text = "Traceback (most recent call last):\n  File\nValueError: a defect [while running 'segment a range']"
        message = {
            "id": "1",
            "time": "2026-01-01T00:00:00Z",
            "messageText": text,
            "messageImportance": "JOB_MESSAGE_ERROR",
        }
        return {"jobMessages": [message]} if self._end != "JOB_STATE_DONE" else {}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beam asks for the state of a job every five seconds; here at once."""
    sleep = time.sleep
    monkeypatch.setattr("apache_beam.runners.dataflow.dataflow_runner.time.sleep", lambda _: sleep(0.05))


@pytest.fixture
def submitted(gs: str, run_staged, quick) -> Iterator[tuple[_Service, list[str]]]:
    """The service, and the options that send a job to it."""
    service = _Service(run_staged)
    endpoint = f"--dataflow_endpoint=http://localhost:{service.server.server_address[1]}"
    folders = [f"--temp_location={gs}/temp", f"--staging_location={gs}/staging"]
    yield service, [*OPTIONS, *folders, endpoint, IMAGE]
    service.server.shutdown()


@pytest.fixture
def raw(gs: str, tmp_path: Path) -> str:
    records = [
        {"id": str(i), "text": " ".join(f"Abc de {'abcdefghij'[j % 10]}." for j in range(i % 9 + 2))} for i in range(60)
    ]
    storage.write_atomically(f"{gs}/raw/a.jsonl", "".join(json.dumps(record) + "\n" for record in records).encode())
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    return f"{gs}/raw"


def _shards(folder: str) -> dict[str, bytes]:
    names = [name for name in storage.list_folder(folder) if not name.endswith((".json", ".toml"))]
    return {name: storage.read_bytes(f"{folder}/{name}") for name in names}


def test_all_jobs_are_submitted_and_write_the_bytes_of_the_local_runner(gs, raw, submitted, tmp_path, capsys) -> None:
    service, options = submitted
    fields = {"vocab_file": str(tmp_path / "vocab.txt"), "dupe_factor": 2, "max_seq_length": 32}
    for place, arguments in (("here", []), ("there", options)):
        out = f"{gs}/{place}"
        run_vocabulary(VocabularySettings((raw,), f"{out}/words", vocab_size=100, max_num_cpus=1), arguments)
        run_segment(SegmentSettings((raw,), f"{out}/text", max_num_cpus=1), arguments)
        run_instances(InstanceSettings((f"{out}/text",), f"{out}/made", max_num_cpus=1, **fields), arguments)
        whole = SegmentSettings((raw,), f"{out}/whole/sentences", max_num_cpus=1)
        run_corpus(whole, InstanceSettings((whole.output,), f"{out}/whole/instances", **fields), arguments)
    assert len(service.jobs) == 4
    assert _shards(f"{gs}/there") == _shards(f"{gs}/here")
    assert len(_shards(f"{gs}/there")) >= 8
    said = capsys.readouterr().err
    page = "https://console.cloud.google.com/dataflow/jobs/region-1/2026-01-01_00_00_00-1?project=project-1"
    assert said.count(f"beambert: Dataflow has begun job 2026-01-01_00_00_00-1: {page}\n") == 4


def test_a_job_that_fails_on_dataflow_is_one_line(gs, raw, submitted, capsys) -> None:
    service, options = submitted
    service._end = "JOB_STATE_FAILED"
    with pytest.raises(UserError) as caught:
        run_segment(SegmentSettings((raw,), f"{gs}/failed"), options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(
        "Dataflow ended the job as FAILED: ValueError: a defect [while running 'segment"
    )
    assert capsys.readouterr().err.count("beambert: error: Dataflow: ValueError: a defect") == 1
