"""Operators that add a border."""

from operators.operator import Operator
from writer import Model

KINDS = "float32 int8 int16 int32 int64"


def borders(draws, shape, most=3):
    """Elements before and after each dimension."""
    return [[draws.int(0, most) if draws.chance(0.6) else 0 for _ in "ab"] for _ in shape]


def grown(shape, pads):
    """The shape with borders."""
    return [before + dim + after for dim, (before, after) in zip(shape, pads)]


def pad(draws, dtype):
    """PAD with zeros, which are zero points."""
    shape = draws.dims(draws.int(1, 4), 5)
    pads = borders(draws, shape)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    border = graph.constant(pads, "int32")
    y = graph.output(grown(shape, pads), dtype, quant)
    graph.operator("PAD", [x, border], [y], table="Pad")
    model.note = f"{shape} {pads}"
    return model


def pad_v2(draws, dtype):
    """PADV2 with a given number."""
    shape = draws.dims(draws.int(1, 4), 5)
    pads = borders(draws, shape)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    border = graph.constant(pads, "int32")
    number = graph.constant(draws.numbers(draws.pick([[], [1]]), dtype), dtype, quant)
    y = graph.output(grown(shape, pads), dtype, quant)
    graph.operator("PADV2", [x, border, number], [y], table="PadV2")
    model.note = f"{shape} {pads}"
    return model


def mirror_pad(draws, dtype):
    """MIRROR_PAD: mode 0 leaves the edge out, mode 1 repeats it."""
    mode = draws.pick([0, 1])
    shape = [dim + 1 - mode for dim in draws.dims(draws.int(1, 4), 4)]
    pads = [[draws.int(0, dim - 1 + mode) for _ in "ab"] for dim in shape]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    border = graph.constant(pads, "int32")
    y = graph.output(grown(shape, pads), dtype, quant)
    graph.operator("MIRROR_PAD", [x, border], [y], table="MirrorPad", mode=mode)
    model.note = f"{shape} {pads} mode {mode}"
    return model


OPERATORS = [
    Operator("PAD", pad, KINDS),
    Operator("PADV2", pad_v2, KINDS),
    Operator("MIRROR_PAD", mirror_pad, KINDS),
]
