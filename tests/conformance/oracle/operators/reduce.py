"""Reductions over axes."""

import numpy as np

from operators.operator import Operator
from writer import Model, Quant


def reduced(shape, axes, keep):
    """The shape of the result."""
    gone = {axis % len(shape) for axis in axes}
    if keep:
        return [1 if axis in gone else dim for axis, dim in enumerate(shape)]
    return [dim for axis, dim in enumerate(shape) if axis not in gone]


def result_quant(draws, name, dtype, quant, count):
    """Quantization of the result: sums grow with the number of elements, extremes keep theirs."""
    if quant is None or name.startswith("REDUCE") or (name == "MEAN" and draws.chance(0.4)):
        return quant
    grown = {"MEAN": count**-0.5, "SUM": count**0.7}[name]
    return Quant(draws.near(quant.scale * grown), draws.zero(dtype))


def reduction(name):
    """A maker of a reduction."""

    def make(draws, dtype):
        shape = draws.dims(draws.int(1, 4), 7)
        image = len(shape) == 4 and draws.chance(0.4)
        axes = [1, 2] if image else draws.axes(len(shape))
        keep = draws.chance(0.5)
        model, quant = Model(), draws.quant(dtype)
        graph = model.main
        x = graph.input(shape, dtype, quant)
        scalar = len(axes) == 1 and draws.chance(0.3)
        axis = graph.constant(axes[0] if scalar else axes, "int32")
        count = int(np.prod([shape[axis] for axis in axes]))
        result = result_quant(draws, name, dtype, quant, count)
        y = graph.output(reduced(shape, axes, keep), dtype, result)
        graph.operator(name, [x, axis], [y], table="Reducer", keepDims=keep)
        model.note = f"{shape} axes {axes} keep {keep}"
        return model

    return make


KINDS = "float32 int8 int16 int32"
EXTREME = " int8-extreme int16-extreme"
OPERATORS = [
    Operator("MEAN", reduction("MEAN"), KINDS + EXTREME),
    Operator("SUM", reduction("SUM"), KINDS + EXTREME),
    Operator("REDUCE_MAX", reduction("REDUCE_MAX"), KINDS),
    Operator("REDUCE_MIN", reduction("REDUCE_MIN"), KINDS),
]
