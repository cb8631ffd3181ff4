"""The programs that the tests of the engines need: Beam's job servers, Flink, Spark and Prism.

They are fetched once into a cache folder outside the repository (`$XDG_CACHE_HOME/beambert/engines`, `~/.cache` by
default), each in a version that is pinned here and checked by a checksum that is recorded here. Nothing of it is committed.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "beambert" / "engines"
DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
FLINK_VERSION = "1.19"
"""What `--flink_version` must say beside the job server below: its runner is made for Flink 1.19."""

EXPORTED = ("sun.net.util", "sun.nio.ch", "sun.security.action", "sun.util.calendar")
OPENED = (
    *(
        "java.lang",
        "java.lang.invoke",
        "java.lang.reflect",
        "java.io",
        "java.net",
        "java.nio",
        "java.text",
        "java.time",
    ),
    *("java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks"),
    *("sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar"),
)
"""The packages of Java 17 that Flink 1.19 and Spark 3.5 look into: Java keeps them to itself unless it is told."""

_PATIENCE_S = 1500
_MAIN_CLASSES = {
    "flink": "org.apache.beam.runners.flink.FlinkJobServerDriver",
    "spark": "org.apache.beam.runners.spark.SparkJobServerDriver",
}
_FLINK = "apache-flink-libraries==1.19.0 --hash=sha256:bb3115c1c63702f95c3f89d5d952e9d98e26fd35b980a265d139790a6ea2c2a2"
_SPARK = "pyspark==3.5.0 --hash=sha256:d41a9b76bd2aca370a6100d075c029e22ba44c5940927877e9435a3a9c566558"
_PRISM_MODULE, _PRISM_VERSION = "github.com/apache/beam/sdks/v2", "v2.77.0"
_PRISM_SUM = "h1:RsC61pHEvtySEHAURQyP/+CVOJm/hy5hewuG9JF0+Ow="


class ToolMissingError(Exception):
    """A tool is not here and cannot be fetched; the message is one line."""


@dataclass(frozen=True)
class _Step:
    """A command that fetches something, and what it is told of when it fails."""

    command: Sequence[str]
    what: str
    environment: dict[str, str] | None = None


def job_server(engine: str) -> Path:
    """The jar of Beam's job server for "flink" or "spark": `java -jar` starts it. Its parts lie beside it.

    Raises:
        ToolMissingError: there is no Java, no Maven, or the jars cannot be had.
    """
    _require("java", "a Java runtime (version 11 or 17)")
    with _made_once(f"{engine}-job-server") as folder:
        jar = folder / f"{engine}-job-server.jar"
        if not jar.exists():
            _require("mvn", "Maven")
            lib = folder / "lib"
            goal = f"{DEPENDENCY_PLUGIN}:copy-dependencies"
            options = ["-B", "-C", "-q", "-f", str(HERE / f"{engine}.pom.xml"), "-DincludeScope=runtime"]
            _run(_Step(["mvn", *options, goal, f"-DoutputDirectory={lib}"], f"the job server for {engine}"))
            _check_jars(lib, HERE / f"{engine}.lock")
            _write_launcher(jar, sorted(lib.glob("*.jar")), _MAIN_CLASSES[engine])
    return jar


def flink_home() -> Path:
    """The folder of a Flink distribution, with `lib/` in it."""
    return _python_package("flink", _FLINK, "pyflink")


def spark_home() -> Path:
    """The folder of a Spark distribution, with `bin/spark-class` in it."""
    return _python_package("spark", _SPARK, "pyspark")


def prism() -> Path:
    """The Prism runner, built from Beam's Go module.

    Raises:
        ToolMissingError: there is no Go, or the module cannot be had.
    """
    with _made_once(f"prism-{_PRISM_VERSION}") as folder:
        program = folder / "prism"
        if not program.exists():
            _require("go", "Go")
            module = f"{_PRISM_MODULE}@{_PRISM_VERSION}"
            told = _run(_Step(["go", "mod", "download", "-json", module], "Beam's Go module"))
            if json.loads(told)["Sum"] != _PRISM_SUM:
                raise ToolMissingError(f"{module} is not the module whose checksum is recorded in {__file__}")
            build = {"GOBIN": str(folder / "bin")}
            package = f"{_PRISM_MODULE}/go/cmd/prism@{_PRISM_VERSION}"
            _run(_Step(["go", "install", package], "Prism", build))
            (folder / "bin" / "prism").rename(program)
    return program


def _python_package(name: str, requirement: str, package: str) -> Path:
    """The folder of a package in an environment of its own, which keeps it out of ours."""
    _require("java", "a Java runtime (version 11 or 17)")
    with _made_once(requirement.partition(" ")[0].replace("==", "-")) as folder:
        done = folder / "done"
        if not done.exists():
            (folder / "requirements.txt").write_text(requirement + "\n")
            _run(_Step([sys.executable, "-m", "venv", str(folder / "venv")], f"an environment for {name}"))
            install = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--no-deps"]
            _run(_Step([*install, "--require-hashes", "-r", str(folder / "requirements.txt")], name))
            done.touch()
        return next((folder / "venv/lib").glob(f"python3.*/site-packages/{package}"))


@contextlib.contextmanager
def _made_once(name: str) -> Iterator[Path]:
    """A folder of the cache, for one process at a time: tests run in several."""
    folder = CACHE / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (CACHE / f"{name}.lock").open("w")
    except OSError as error:
        raise ToolMissingError(f"{CACHE} cannot be written: {error.strerror}; set XDG_CACHE_HOME") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _require(program: str, what: str) -> None:
    if shutil.which(program) is None:
        raise ToolMissingError(f"{program} is not on the PATH: install {what}")


def _run(step: _Step) -> str:
    """Run a command; its standard output.

    Raises:
        ToolMissingError: it failed, with the last of its lines that says something.
    """
    environment = {**os.environ, **(step.environment or {})}
    try:
        done = subprocess.run(step.command, capture_output=True, text=True, env=environment, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise ToolMissingError(f"{step.what} was not fetched within {_PATIENCE_S} s: is the network slow?") from None
    if done.returncode:
        lines = [line for line in f"{done.stdout}\n{done.stderr}".splitlines() if "rror" in line or "not found" in line]
        reason = (lines or [f"exit status {done.returncode}"])[0].strip()
        raise ToolMissingError(f"{step.what} cannot be fetched with {step.command[0]}: {reason[:300]}")
    return done.stdout


def _check_jars(lib: Path, lock: Path) -> None:
    recorded = dict(reversed(line.split()) for line in lock.read_text().splitlines())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in lib.glob("*.jar")}
    wrong = sorted(name for name in recorded.keys() | found.keys() if recorded.get(name) != found.get(name))
    if wrong:
        raise ToolMissingError(f"{lib}: {', '.join(wrong[:3])} not as recorded in {lock.name}; remove the folder")


def _write_launcher(path: Path, jars: list[Path], main_class: str) -> None:
    """A jar of nothing but its manifest: the main class, and where all the classes are, relative to itself."""
    attributes = {
        "Manifest-Version": "1.0",
        "Main-Class": main_class,
        "Add-Exports": " ".join(f"java.base/{package}" for package in EXPORTED),
        "Add-Opens": " ".join(f"java.base/{package}" for package in OPENED),
        "Class-Path": " ".join(f"lib/{jar.name}" for jar in jars),
    }
    lines = []
    for name, value in attributes.items():
        line = f"{name}: {value}"
        lines += [line[:70], *(f" {line[at : at + 69]}" for at in range(70, len(line), 69))]  # 72 bytes a line at most
    manifest = "\r\n".join([*lines, "", ""])
    temporary = path.with_suffix(".tmp")
    with zipfile.ZipFile(temporary, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", manifest)
    temporary.rename(path)
