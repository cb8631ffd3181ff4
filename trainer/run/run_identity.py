"""Checks in `plan.json` which run an output folder belongs to. A launch with another plan or other data is refused.

The identity of a run holds everything that decides its weights: network, seed, initialisation, and for each phase its
data, batches, steps, optimizer and schedule. The hardware, and how often to log, evaluate or save, may change between
launches. So may phases that have not begun yet: a finished run may get further ones.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import FORMAT, known_fields, require_known_format
from trainer.model.config import BertConfig
from trainer.plans.plan import Plan
from trainer.plans.reading import plan_from_json
from trainer.run.init_identity import DIGEST, INIT
from trainer.run.metrics import METRICS_NAME
from trainer.run.tokenization_facts import TokenizationFacts, write_kept

PLAN_NAME = "plan.json"
RUN_FORMAT = 1  # of plan.json and the files beside it; checkpoints have their own number
_BEFORE = {"reduce_dtype": "float32"}  # holds for the runs of earlier versions, which have no such setting
LEARNS_FROM = TEACHER, DISTILLATION = (
    "teacher",
    "distillation",
)  # keys of a distilled run: the teacher's digest, how it teaches
NO_FACTS = TokenizationFacts()
_WRITTEN = ("checkpoints", METRICS_NAME, "run_logs.json")  # what else a run writes, and replaces, under fixed names
_FREE_IN_A_PHASE = ("name", "data", "evaluation", "accumulation", "on_corrupt")


def identity_of(
    plan: Plan,
    config: BertConfig,
    data: Sequence[str],
    init_weights: str = "",
    learns_from: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """The identity as JSON values. `data` identifies the content of each phase's data.

    `init_weights` is the digest of the weights that the run begins with, if they come from a checkpoint. `learns_from`
    identifies what it learns from besides the data, by some of LEARNS_FROM.
    """
    phases = []
    for phase, content in zip(plan.to_json()["phase"], data, strict=True):
        phases.append({"data": content} | {key: value for key, value in phase.items() if key not in _FREE_IN_A_PHASE})
    run = {
        "seed": plan.seed,
        INIT: plan.init.checkpoint,
        **({DIGEST: init_weights} if init_weights else {}),
        "config": config.to_dict(),
        "compute_dtype": plan.model.compute_dtype,
        "reduce_dtype": plan.model.reduce_dtype,
        **learns_from,
    }
    return json.loads(json.dumps({"run": run, "phases": phases}))


def identity_hash(identity: Mapping[str, Any]) -> str:
    """A short hash of an identity."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def claim_output(
    output: str,
    plan: Plan,
    identity: Mapping[str, Any],
    step: int | None,
    *,
    write: bool = True,
    former_data: Sequence[str] = (),
    facts: TokenizationFacts = NO_FACTS,
    kept: Mapping[str, bytes] = MappingProxyType({}),
) -> Mapping[str, Any]:
    """Compare `plan.json` with a run that is at `step` (None: no checkpoint yet), and with `write` write it again.

    Returns the identity as it is stored, with the digest of the weights that the run began with, if it is known.

    The initial weights are not compared here; see `init_identity.py`. `former_data` identifies the content of each
    phase's data as earlier versions did. `facts`, and the files `kept` of the data, are written with the plan; see
    `tokenization_facts.py`.

    Raises UserError, naming the difference, if the folder belongs to another run, or cannot be written to.
    """
    former = read_facts(output)
    if step is None:
        if write:  # otherwise the other hosts would find what this one is writing
            require_free(output)
    else:
        found = read_identity(output)
        difference = _difference(found, identity, plan, step, former_data)
        if former and not difference:
            difference, facts = former.difference(facts), former.completed_by(facts)
        if difference:
            raise UserError(
                f"{output} holds another run: {difference}; name another --output, or the plan it was made with"
            )
        if DIGEST in found["run"]:
            identity = {**identity, "run": {**identity["run"], DIGEST: found["run"][DIGEST]}}
    if not write:
        return identity
    content = {FORMAT: RUN_FORMAT, "plan": plan.to_json(), "hash": identity_hash(identity), "identity": identity}
    content["facts"] = asdict(facts)
    try:
        write_kept(output, kept, facts, former, begun=step is not None)
        storage.write_whole(storage.join(output, PLAN_NAME), (json.dumps(content, indent=2) + "\n").encode())
    except OSError as error:
        raise UserError(f"{output}: cannot be written to ({error.strerror or error}); name another --output") from error
    return identity


def require_free(output: str) -> None:
    """Raise UserError if the folder of a new run holds files of others that training would replace.

    A `plan.json` of a run shows that the folder belongs to a run; a launch that failed before its first checkpoint
    leaves one. Without it, checkpoints and logs with these names belong to somebody else, and the plan's rules could
    even remove the checkpoints.
    """
    plan = storage.join(output, PLAN_NAME)
    if storage.exists(plan):
        taken = "" if _is_ours(plan) else PLAN_NAME
    else:
        there = {name.split("/")[0] for name in storage.list_folder(output)}
        taken = next((name for name in _WRITTEN if name in there), "")
    if taken:
        raise UserError(
            f"{output}: already holds {taken}, which no run wrote and training would replace; move it away or name another "
            "--output"
        )


def _is_ours(path: str) -> bool:
    try:
        return {"plan", "hash", "identity"} <= json.loads(storage.read_whole(path)).keys()
    except (OSError, ValueError, AttributeError, RecursionError):
        return False


def read_identity(output: str) -> dict[str, Any]:
    """The identity in an output folder's `plan.json`; UserError when there is none that can be read."""
    path = storage.join(output, PLAN_NAME)
    try:
        identity = dict(_read_plan_file(output)["identity"])
        if not isinstance(identity["run"]["config"], dict) or not isinstance(identity["phases"], list):
            raise TypeError("its identity is not that of a run")
        return identity
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            f"{path}: cannot read which plan the checkpoints belong to ({error}); name another --output"
        ) from error


def read_facts(output: str) -> TokenizationFacts | None:
    """The facts about the weights in an output folder's `plan.json`; None if it is missing or of an earlier version.

    Raises UserError when a newer version wrote it, in a format that this one does not read.
    """
    try:
        return TokenizationFacts(**known_fields(TokenizationFacts, _read_plan_file(output)["facts"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def read_plan_of(output: str) -> Plan:
    """The plan that an output folder was last trained with; UserError when there is none that can be read."""
    path = storage.join(output, PLAN_NAME)
    try:
        return plan_from_json(_read_plan_file(output)["plan"], path)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{path}: cannot read the plan ({error}); name the --output of a training run") from error


def _read_plan_file(output: str) -> dict[str, Any]:
    """The content of `plan.json`.

    Raises UserError when it has a newer format, and OSError, ValueError, TypeError or RecursionError when it cannot be
    read.
    """
    path = storage.join(output, PLAN_NAME)
    content = dict(json.loads(storage.read_whole(path)))
    require_known_format(content, RUN_FORMAT, path)
    return content


def _difference(
    found: Mapping[str, Any], wanted: Mapping[str, Any], plan: Plan, step: int, former_data: Sequence[str]
) -> str:
    """The first setting that differs and that the first `step` updates depended on, in words; empty if none does."""
    for key in (*wanted["run"], *(key for key in LEARNS_FROM if key in found["run"])):
        there, value = found["run"].get(key, _BEFORE.get(key)), wanted["run"].get(key)
        if key not in (INIT, DIGEST) and there != value:
            return _tell(key, there, value)
    begun = [i for i in range(len(plan.phases)) if plan.first_step(i) < step or step == 0]
    for i in begun:
        if i >= len(found["phases"]):
            return f"it has {len(found['phases'])} phases"
        for key, value in wanted["phases"][i].items():
            there = found["phases"][i].get(key)
            renamed = key == "data" and there in former_data[i : i + 1]
            if there != value and not renamed:
                return _tell(f"{key} of phase {plan.phases[i].name}", there, value)
    return ""


def _tell(key: str, there: Any, here: Any) -> str:
    if isinstance(there, dict) and isinstance(here, dict):
        for inner in sorted(set(there) | set(here)):
            if there.get(inner) != here.get(inner):
                return _tell(f"{key}.{inner}", there.get(inner), here.get(inner))
    return f"{key} is {there!r} there and {here!r} in this plan"
