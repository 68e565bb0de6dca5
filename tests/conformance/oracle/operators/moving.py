"""Operators that move or repeat elements."""

import numpy as np

from draws import within
from operators.operator import Operator
from writer import Model

KINDS = "float32 int8 int16 int32 int64 bool"


def transpose(draws, dtype):
    """TRANSPOSE."""
    shape = draws.dims(draws.int(1, 5), 6)
    order = [int(axis) for axis in draws.rng.permutation(len(shape))]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    permutation = graph.constant(order, "int32")
    y = graph.output([shape[axis] for axis in order], dtype, quant)
    graph.operator("TRANSPOSE", [x, permutation], [y], table="Transpose")
    model.note = f"{shape} {order}"
    return model


def places(graph, draws, shape, below, index):
    """Indices, constant or not."""
    if draws.chance(0.5):
        return graph.constant(draws.rng.integers(0, below, shape), index)
    return graph.input(shape, index, draw=within(0, below - 1))


def gather(draws, dtype):
    """GATHER along an axis; leading dimensions may be batches."""
    shape = draws.dims(draws.int(1, 4), 6)
    axis = draws.int(0, len(shape) - 1)
    batches = draws.int(0, axis) if draws.chance(0.3) else 0
    lengths = shape[:batches] + draws.dims(draws.int(0 if batches == 0 else 1, 2), 4)
    index = "int32"
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    indices = places(graph, draws, lengths, shape[axis], index)
    new = shape[:axis] + lengths[batches:] + shape[axis + 1 :]
    y = graph.output(new, dtype, quant)
    asked = axis - (len(shape) if draws.chance(0.3) else 0)
    graph.operator(
        "GATHER", [x, indices], [y], table="Gather", axis=asked, batchDims=batches
    )
    model.note = f"{shape} axis {asked} indices {lengths} batches {batches}"
    return model


def gather_nd(draws, dtype):
    """GATHER_ND: the last dimension of the indices is a place in the first dimensions."""
    shape = draws.dims(draws.int(1, 4), 6)
    depth = draws.int(1, len(shape))
    lengths = draws.dims(draws.int(0, 2), 4)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    below = min(shape[:depth])
    indices = places(graph, draws, [*lengths, depth], below, "int32")
    y = graph.output([*lengths, *shape[depth:]], dtype, quant)
    graph.operator("GATHER_ND", [x, indices], [y], table="GatherNd")
    model.note = f"{shape} indices {lengths} of {depth}"
    return model


def tile(draws, dtype):
    """TILE."""
    shape = draws.dims(draws.int(1, 4), 5)
    times = [draws.int(1, 3) for _ in shape]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    y = graph.output(list(np.multiply(shape, times)), dtype, quant)
    graph.operator("TILE", [x, graph.constant(times, "int32")], [y], table="Tile")
    model.note = f"{shape} {times}"
    return model


def broadcast_to(draws, dtype):
    """BROADCAST_TO."""
    new = draws.dims(draws.int(1, 5), 5)
    shape = [1 if draws.chance(0.4) else dim for dim in new][draws.int(0, len(new) - 1) :]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    order = graph.constant(new, draws.pick(["int32", "int64"]))
    y = graph.output(new, dtype, quant)
    graph.operator("BROADCAST_TO", [x, order], [y], table="BroadcastTo")
    model.note = f"{shape} -> {new}"
    return model


def fill(draws, dtype):
    """FILL with an input."""
    new = draws.dims(draws.int(1, 4), 5)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    order = graph.constant(new, draws.pick(["int32", "int64"]))
    x = graph.input([], dtype, quant)
    y = graph.output(new, dtype, quant)
    graph.operator("FILL", [order, x], [y], table="Fill")
    model.note = f"{new}"
    return model


OPERATORS = [
    Operator("TRANSPOSE", transpose, KINDS),
    Operator("GATHER", gather, KINDS),
    Operator("GATHER_ND", gather_nd, KINDS),
    Operator("TILE", tile, KINDS),
    Operator("BROADCAST_TO", broadcast_to, KINDS),
    Operator("FILL", fill, KINDS),
]
