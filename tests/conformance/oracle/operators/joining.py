"""Operators that join tensors and take them apart."""

from operators.operator import Operator
from writer import Model

KINDS = "float32 int8 int16 int32 int64 bool"


def axis_of(draws, rank):
    """An axis, and how the file names it."""
    axis = draws.int(0, rank - 1)
    return axis, axis - (rank if draws.chance(0.3) else 0)


def concatenation(draws, dtype):
    """CONCATENATION: all scales are equal, some operands are constants."""
    shape = draws.dims(draws.int(1, 4), 5)
    axis, asked = axis_of(draws, len(shape))
    lengths = [draws.int(1, 5) for _ in range(draws.int(1, 6))]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    inputs = []
    for index, length in enumerate(lengths):
        part = [*shape[:axis], length, *shape[axis + 1 :]]
        if index > 0 and draws.chance(0.2):
            inputs.append(graph.constant(draws.numbers(part, dtype), dtype, quant))
        else:
            inputs.append(graph.input(part, dtype, quant))
    y = graph.output([*shape[:axis], sum(lengths), *shape[axis + 1 :]], dtype, quant)
    graph.operator("CONCATENATION", inputs, [y], table="Concatenation", axis=asked)
    model.note = f"{shape} axis {asked} lengths {lengths}"
    return model


def parts_of(graph, draws, shapes, dtype, quant):
    """Results, most of which are outputs of the model."""
    tensors = [graph.tensor(shape, dtype, quant) for shape in shapes]
    for index, (tensor, shape) in enumerate(zip(tensors, shapes)):
        if index == 0 or draws.chance(0.85):
            graph.expose(tensor, shape, dtype)
    return tensors


def split(draws, dtype):
    """SPLIT into equal parts."""
    shape = draws.dims(draws.int(1, 4), 5)
    axis, asked = axis_of(draws, len(shape))
    count, length = draws.int(1, 4), shape[axis]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    where = graph.constant(asked, "int32")
    x = graph.input([*shape[:axis], count * length, *shape[axis + 1 :]], dtype, quant)
    outputs = parts_of(graph, draws, [shape] * count, dtype, quant)
    graph.operator("SPLIT", [where, x], outputs, table="Split", numSplits=count)
    model.note = f"{count} x {shape} axis {asked}"
    return model


def split_v(draws, dtype):
    """SPLIT_V into parts of given lengths, one of which may follow from the others."""
    shape = draws.dims(draws.int(1, 4), 5)
    axis, asked = axis_of(draws, len(shape))
    lengths = [draws.int(1, 4) for _ in range(draws.int(1, 4))]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input([*shape[:axis], sum(lengths), *shape[axis + 1 :]], dtype, quant)
    sizes = list(lengths)
    if draws.chance(0.3):
        sizes[draws.int(0, len(sizes) - 1)] = -1
    inputs = [x, graph.constant(sizes, "int32"), graph.constant(asked, "int32")]
    parts = [[*shape[:axis], length, *shape[axis + 1 :]] for length in lengths]
    outputs = parts_of(graph, draws, parts, dtype, quant)
    graph.operator("SPLIT_V", inputs, outputs, table="SplitV", numSplits=len(lengths))
    model.note = f"{shape} axis {asked} sizes {sizes}"
    return model


def pack(draws, dtype):
    """PACK along a new axis."""
    shape = draws.dims(draws.int(0, 3), 5)
    axis, asked = axis_of(draws, len(shape) + 1)
    count = draws.int(1, 5)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    inputs = [graph.input(shape, dtype, quant) for _ in range(count)]
    y = graph.output([*shape[:axis], count, *shape[axis:]], dtype, quant)
    graph.operator("PACK", inputs, [y], table="Pack", valuesCount=count, axis=asked)
    model.note = f"{count} x {shape} axis {asked}"
    return model


def unpack(draws, dtype):
    """UNPACK along an axis that goes."""
    shape = draws.dims(draws.int(1, 4), 5)
    axis, asked = axis_of(draws, len(shape))
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    part = shape[:axis] + shape[axis + 1 :]
    outputs = parts_of(graph, draws, [part] * shape[axis], dtype, quant)
    graph.operator("UNPACK", [x], outputs, table="Unpack", num=shape[axis], axis=asked)
    model.note = f"{shape} axis {asked}"
    return model


OPERATORS = [
    Operator("CONCATENATION", concatenation, KINDS),
    Operator("SPLIT", split, KINDS),
    Operator("SPLIT_V", split_v, KINDS),
    Operator("PACK", pack, KINDS),
    Operator("UNPACK", unpack, KINDS),
]
