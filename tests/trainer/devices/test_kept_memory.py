"""Memory that was freed is not paid for again: seen by the page faults of a process that takes and frees 30 MB."""

import subprocess
import sys

import pytest

from trainer.devices import kept_memory
from trainer.devices.kept_memory import keep_freed_memory

CHILD = """
import resource, threading
from trainer.devices.kept_memory import keep_freed_memory

def take(times):
    for _ in range(times):
        b"x" * 30_000_000

def take_in_a_thread(times):
    thread = threading.Thread(target=take, args=(times,))
    thread.start()
    thread.join()

kept = keep_freed_memory({"JAX_PLATFORMS": "cpu"})
for run in (take, take_in_a_thread):
    run(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    run(10)
    print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_blocks_are_paid_for_once():
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    if lines[0][0] == "False":
        pytest.skip("the C library is not glibc")
    assert max(int(faults) for _, faults in lines) < 200, "otherwise there are thousands"


@pytest.mark.parametrize(
    "environment",
    [
        {"JAX_PLATFORMS": "cpu", "MALLOC_ARENA_MAX": "4"},
        {"JAX_PLATFORMS": "cpu", "GLIBC_TUNABLES": "glibc.malloc.mmap_max=9"},
        {"JAX_PLATFORMS": "cuda,cpu"},
    ],
)
def test_what_a_user_has_set_and_other_devices_are_left_alone(environment, monkeypatch):
    monkeypatch.setattr(kept_memory, "_mallopt", lambda: pytest.fail("memory was set"))
    assert keep_freed_memory(environment) is False


@pytest.mark.parametrize("installed", ["libtpu", "jax_plugins", ""])
def test_without_a_choice_what_is_installed_decides(installed, monkeypatch):
    monkeypatch.setattr(kept_memory, "find_spec", lambda name: name == installed)
    monkeypatch.setattr(kept_memory, "_mallopt", lambda: lambda name, value: 1)
    assert keep_freed_memory({}) is (installed == "")
