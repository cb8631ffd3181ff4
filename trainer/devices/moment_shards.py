"""Keeps the optimizer's moments in parts, one on each device: stage 1 of ZeRO.

Rajbhandari et al., "ZeRO: memory optimizations toward training trillion parameter models" (2020). Each device receives
only its part of the summed gradients, updates only its part of the moments and weights, and sends the new weights to all
others. Weights are whole on every device between updates. Scattered sums and gathered weights together send what one
sum of all gradients sends.

The moments are those arrays of the optimizer's state that have the name and the shape of a weight. `division.py` says
how each is cut; on the devices it may be a little longer than the weight, and has zeros there.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from trainer.devices.division import Division, division_of, stages_of

Arrays = Mapping[str, Any]
WHOLE = -1  # instead of an axis
MOST_AXES = 8  # of an array of weights


class MomentShards:
    """The parts of the moments on the devices of a mesh with the axis "batch"."""

    def __init__(self, mesh: Any, stages: tuple[int, ...] = ()) -> None:
        """`stages` are the sizes of the groups that exchange; by default those of `stages_of`."""
        import jax

        self.mesh = mesh
        self.devices = list(mesh.devices.flat)
        self._stages = _groups(stages or stages_of(self.devices))
        self._whole = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
        self._gather = jax.jit(lambda value: value, out_shardings=self._whole)

    def division(self, shape: tuple[int, ...]) -> Division | None:
        """How an array of this shape is cut; None if it stays whole."""
        return division_of(shape, len(self.devices))

    # States, outside of the step

    def put(self, state: Any) -> Any:
        """A state of host arrays on the devices, the moments in parts. Arrays are copied."""
        import jax

        def put(value: Any, division: Division | None) -> Any:
            host = _padded(np.array(value), division, np)
            return jax.make_array_from_callback(host.shape, self._sharding(division), lambda index: host[index])

        return self._map(state, put)

    def shapes(self, state: Any) -> Any:
        """What `put` makes of a state, as a tree of `jax.ShapeDtypeStruct`."""
        import jax

        def shape(value: Any, division: Division | None) -> Any:
            sizes = _padded_shape(np.shape(value), division)
            return jax.ShapeDtypeStruct(sizes, np.dtype(value.dtype), sharding=self._sharding(division))

        return self._map(state, shape)

    def shardings(self, state: Any) -> Any:
        """Where each array of a state is, as a tree of shardings."""
        return self._map(state, lambda value, division: self._sharding(division))

    def whole(self, state: Any) -> Any:
        """The state with its moments as whole host arrays, of the shapes of the weights. All hosts must call it.

        One array at a time is gathered, so that a device holds only one whole moment more.
        """

        def whole(value: Any, division: Division | None, shape: tuple[int, ...] = ()) -> Any:
            if division is None:
                return value
            local = value if value.is_fully_addressable else self._gather(value).addressable_data(0)
            return np.array(np.asarray(local)[tuple(slice(size) for size in shape)])

        return self._map(state, whole, with_shape=True)

    def _map(self, state: Any, function: Callable[..., Any], *, with_shape: bool = False) -> Any:
        """`function(array, its division)` of every array of a state."""
        weights = state["weights"]

        def of_optimizer(tree: Any, name: str = "") -> Any:
            if isinstance(tree, dict):
                return {key: of_optimizer(value, key) for key, value in tree.items()}
            weight = tuple(weights[name].shape) if name in weights else ()
            division = self.division(weight)
            if tuple(np.shape(tree)) not in (weight, _padded_shape(weight, division)):
                division = None
            return function(tree, division, weight) if with_shape else function(tree, division)

        def of_others(tree: Any) -> Any:
            if isinstance(tree, dict):
                return {key: of_others(value) for key, value in tree.items()}
            return function(tree, None)

        return {name: of_optimizer(part) if name == "optimizer" else of_others(part) for name, part in state.items()}

    def _sharding(self, division: Division | None) -> Any:
        import jax

        return jax.sharding.NamedSharding(self.mesh, _spec(division))

    # Arrays within the step

    def scattered(self, arrays: Arrays) -> dict[int, dict[str, Any]]:
        """This device's part of the sums of all devices' arrays, grouped by the axis of the cut, as in `specs`.

        Arrays that stay whole are added up whole. Call this within `jax.shard_map`.
        """
        import jax

        groups: dict[int, dict[str, Any]] = {axis: {} for axis in self.specs()}
        for name, value in arrays.items():
            division = self.division(value.shape)
            if division is None:
                groups[WHOLE][name] = jax.lax.psum(value, "batch")
                continue
            part = _padded(value, division, jax.numpy)
            for stage in self._stages:
                part = jax.lax.psum_scatter(
                    part, "batch", scatter_dimension=division.axis, axis_index_groups=stage, tiled=True
                )
            groups[division.axis][name] = part
        return groups

    @staticmethod
    def specs() -> dict[int, Any]:
        """The specification of arrays that are cut along each axis, or not at all."""
        return {WHOLE: _spec(None)} | {axis: _spec(Division(axis, 0)) for axis in range(MOST_AXES)}

    def parts(self, weights: Arrays) -> dict[str, Any]:
        """Weights cut as their moments are: each device computes with its own part only."""
        import jax

        return {
            name: jax.lax.with_sharding_constraint(
                _padded(value, self.division(value.shape), jax.numpy), self._sharding(self.division(value.shape))
            )
            for name, value in weights.items()
        }

    def gathered(self, parts: Arrays, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
        """The inverse of `parts`: arrays of these shapes, whole on every device."""
        import jax

        divisions = {name: self.division(shape) for name, shape in shapes.items()}

        def on_each_device(parts: Arrays) -> dict[str, Any]:
            return {name: self._gathered(value, divisions[name], shapes[name]) for name, value in parts.items()}

        specs = {name: _spec(division) for name, division in divisions.items()}
        collect = jax.shard_map(
            on_each_device,
            mesh=self.mesh,
            in_specs=(specs,),
            out_specs=jax.sharding.PartitionSpec(),
            check_vma=False,  # JAX cannot see that gathered arrays are the same everywhere
        )
        return dict(collect(dict(parts)))

    def _gathered(self, value: Any, division: Division | None, shape: tuple[int, ...]) -> Any:
        import jax

        if division is None:
            return value
        for groups in reversed(self._stages):
            value = jax.lax.all_gather(value, "batch", axis=division.axis, axis_index_groups=groups, tiled=True)
        return jax.lax.slice_in_dim(value, 0, shape[division.axis], axis=division.axis)


def _groups(stages: tuple[int, ...]) -> list[list[list[int]] | None]:
    """For each stage the groups of devices that exchange; None if all of them do.

    After the last stage each device has the part of its own number.
    """
    if len(stages) == 1:
        return [None]
    places = np.arange(np.prod(stages)).reshape(stages)
    return [np.moveaxis(places, axis, -1).reshape(-1, size).tolist() for axis, size in enumerate(stages)]


def _spec(division: Division | None) -> Any:
    from jax.sharding import PartitionSpec

    return PartitionSpec() if division is None else PartitionSpec(*[None] * division.axis, "batch")


def _padded_shape(shape: tuple[int, ...], division: Division | None) -> tuple[int, ...]:
    if division is None:
        return tuple(shape)
    return (*shape[: division.axis], division.length, *shape[division.axis + 1 :])


def _padded(value: Any, division: Division | None, library: Any) -> Any:
    """The array with zeros up to the length of its division. `library` is numpy or jax.numpy."""
    if division is None or value.shape[division.axis] == division.length:
        return value
    ends = [(0, 0)] * value.ndim
    ends[division.axis] = (0, division.length - value.shape[division.axis])
    return library.pad(value, ends)
