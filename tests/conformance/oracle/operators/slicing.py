"""Operators that take a part."""

from operators.operator import Operator
from writer import Model

KINDS = "float32 int8 int16 int32 int64 bool"


def slice_(draws, dtype):
    """SLICE: sizes of -1 reach to the end."""
    shape = draws.dims(draws.int(1, 5), 9)
    begin = [draws.int(0, dim - 1) for dim in shape]
    size = [draws.int(1, dim - first) for dim, first in zip(shape, begin)]
    asked = [-1 if b + s == d and draws.chance(0.5) else s for b, s, d in zip(begin, size, shape)]
    index = draws.pick(["int32", "int32", "int64"])
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    inputs = [x, graph.constant(begin, index), graph.constant(asked, index)]
    y = graph.output(size, dtype, quant)
    graph.operator("SLICE", inputs, [y], table="Slice")
    model.note = f"{shape} begin {begin} size {asked}"
    return model


def stride_of(draws, dim):
    """Begin, end, step and masks of one dimension, and the length that comes of it."""
    while True:
        begin, end = draws.int(-dim - 1, dim + 1), draws.int(-dim - 1, dim + 1)
        step = draws.pick([1, 1, 1, 2, 3, -1, -2])
        open_begin, open_end = draws.chance(0.25), draws.chance(0.25)
        shrink = draws.chance(0.15) and -dim <= begin < dim
        if shrink:
            return begin, begin + 1, 1, (False, False, True), None
        span = slice(None if open_begin else begin, None if open_end else end, step)
        if length := len(range(dim)[span]):
            return begin, end, step, (open_begin, open_end, False), length


def strided_slice(draws, dtype):
    """STRIDED_SLICE with masks and steps back."""
    shape = draws.dims(draws.int(1, 4), 12)
    parts = [stride_of(draws, dim) for dim in shape]
    begin, end, steps, masks, lengths = zip(*parts)
    bits = [sum(1 << i for i, mask in enumerate(masks) if mask[kind]) for kind in range(3)]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    inputs = [x, *(graph.constant(list(part), "int32") for part in (begin, end, steps))]
    y = graph.output([length for length in lengths if length], dtype, quant)
    fields = dict(zip(("beginMask", "endMask", "shrinkAxisMask"), bits))
    graph.operator("STRIDED_SLICE", inputs, [y], table="StridedSlice", **fields)
    model.note = f"{shape} {list(begin)} {list(end)} {list(steps)} masks {bits}"
    return model


OPERATORS = [
    Operator("SLICE", slice_, KINDS),
    Operator("STRIDED_SLICE", strided_slice, KINDS),
]
