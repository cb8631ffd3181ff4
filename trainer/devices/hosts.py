"""The processes that train together: how this one finds the others, and how all take the same decision."""

import urllib.request
from collections.abc import Mapping
from typing import Any

import numpy as np

from beam_jobs.errors import UserError

_ADDRESS, _COUNT, _INDEX = "JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES", "JAX_PROCESS_ID"


def hosts_to_join(environment: Mapping[str, str]) -> dict[str, Any] | None:
    """The arguments for `jax.distributed.initialize`; None for a process that trains alone.

    JAX finds the hosts of a TPU slice, a SLURM job or an Open MPI job itself, and the three variables above are
    optional there. Elsewhere all three are needed. If only some are set, or if one is wrong, UserError names them: a
    process that trained alone by mistake would overwrite the files of the others.
    """
    given = {name: environment[name] for name in (_ADDRESS, _COUNT, _INDEX) if environment.get(name)}
    cluster = (
        "," in (environment.get("TPU_WORKER_HOSTNAMES") or _machines_of_the_slice(environment))
        or _number(environment, "SLURM_STEP_NUM_TASKS", 1) > 1
        or _number(environment, "OMPI_COMM_WORLD_SIZE", 1) > 1
    )
    if not given and not cluster:
        return None
    missing = [name for name in (_ADDRESS, _COUNT, _INDEX) if name not in given]
    if missing and not cluster:
        raise UserError(
            f"{' and '.join(given)} set, but not {' and '.join(missing)}: processes that train together need all three "
            "(host:port of process 0, how many there are, and which of them this is); set them, or unset all for one process"
        )
    address, count, index = given.get(_ADDRESS), _number(environment, _COUNT, 0), _number(environment, _INDEX, -1)
    if address is not None and not address.rpartition(":")[2].isdecimal():
        raise UserError(f"{_ADDRESS} is {address!r}: it must be host:port of process 0, such as 10.0.0.1:1234")
    if _COUNT in given and count < 1:
        raise UserError(f"{_COUNT} is {count}: it must be how many processes there are, at least 1")
    if _INDEX in given and _COUNT in given and not 0 <= index < count:
        raise UserError(f"{_INDEX} is {index}: it must lie between 0 and {count - 1}, as {_COUNT} is {count}")
    return {
        "coordinator_address": address,
        "num_processes": count if _COUNT in given else None,
        "process_id": index if _INDEX in given else None,
    }


def _machines_of_the_slice(environment: Mapping[str, str]) -> str:
    """The machines of the TPU slice of a Cloud TPU VM, with commas between them; empty anywhere else.

    Google's metadata server knows them; JAX asks it as well. JAX sets TPU_ML_PLATFORM where it finds TPUs.
    """
    if environment.get("TPU_ML_PLATFORM") != "JAX" or environment.get("TPU_SKIP_MDS_QUERY"):
        return ""
    server = environment.get("GCE_METADATA_IP") or "metadata.google.internal"
    place = f"http://{server}/computeMetadata/v1/instance/attributes/worker-network-endpoints"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(place, headers={"Metadata-Flavor": "Google"}), timeout=5
        ) as answer:
            return answer.read().decode()
    except OSError:  # this machine is not Google's
        return ""


def any_host(flag: bool) -> bool:
    """Whether the flag is set on any host of JAX. All of them must call this; each waits for the others."""
    import jax

    if jax.process_count() == 1:
        return flag
    from jax.experimental import multihost_utils

    return bool(multihost_utils.process_allgather(np.array(flag)).any())


def _number(environment: Mapping[str, str], name: str, otherwise: int) -> int:
    value = environment.get(name) or str(otherwise)
    try:
        return int(value)
    except ValueError:
        raise UserError(f"{name} is {value!r}: it must be a whole number; set it right, or unset it") from None
