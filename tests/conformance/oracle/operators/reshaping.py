"""Operators that change the shape alone."""

from operators.operator import Operator
from writer import Model

KINDS = "float32 int8 int16 int32 int64 bool"


def factors(draws, count):
    """Dimensions with a product."""
    dims = []
    while count > 1 and len(dims) < 4:
        divisors = [d for d in range(1, count + 1) if count % d == 0]
        dims.append(draws.pick(divisors))
        count //= dims[-1]
    return dims + [count] * draws.int(1 if count > 1 or not dims else 0, 1)


def product(dims):
    """Number of elements."""
    count = 1
    for dim in dims:
        count *= dim
    return count


def reshape(draws, dtype):
    """RESHAPE: the new shape is an input, with -1 for a dimension that follows, or an option."""
    shape = draws.dims(draws.int(1, 4), 6)
    new = factors(draws, product(shape))
    asked = list(new)
    if draws.chance(0.4):
        asked[draws.int(0, len(asked) - 1)] = -1
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    form = draws.pick(["input", "input", "option"])
    inputs = [x] if form == "option" else [x, graph.constant(asked, "int32")]
    y = graph.output(new, dtype, quant)
    graph.operator("RESHAPE", inputs, [y], table="Reshape", newShape=asked)
    model.note = f"{shape} -> {asked} {form}"
    return model


def squeeze(draws, dtype):
    """SQUEEZE: all dimensions of 1, or those that are named."""
    shape = draws.dims(draws.int(2, 5), 5)
    ones = [axis for axis, dim in enumerate(shape) if dim == 1]
    named = [axis for axis in ones if draws.chance(0.6)]
    gone = named or ones
    asked = [axis - (len(shape) if draws.chance(0.3) else 0) for axis in named]
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    new = [dim for axis, dim in enumerate(shape) if axis not in gone]
    y = graph.output(new, dtype, quant)
    graph.operator("SQUEEZE", [x], [y], table="Squeeze", squeezeDims=asked)
    model.note = f"{shape} without {asked}"
    return model


def expand_dims(draws, dtype):
    """EXPAND_DIMS."""
    shape = draws.dims(draws.int(0, 4), 5)
    axis = draws.int(0, len(shape))
    asked = axis - (len(shape) + 1 if draws.chance(0.4) else 0)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    where = graph.constant(draws.pick([asked, [asked]]), "int32")
    y = graph.output([*shape[:axis], 1, *shape[axis:]], dtype, quant)
    graph.operator("EXPAND_DIMS", [x, where], [y], table="ExpandDims")
    model.note = f"{shape} axis {asked}"
    return model


OPERATORS = [
    Operator("RESHAPE", reshape, KINDS),
    Operator("SQUEEZE", squeeze, KINDS),
    Operator("EXPAND_DIMS", expand_dims, KINDS),
]
