"""Operators of two operands that broadcast."""

import numpy as np

from draws import ACTIVATIONS
from operators.operator import Operator
from writer import Model, Quant


def shapes(draws, limit=5):
    """Two shapes and what they broadcast to."""
    out = draws.dims(draws.int(1, 4), limit)
    form = draws.pick(["same", "same", "shorter", "ones", "scalar"])
    if form == "same":
        return out, out, out
    if form == "scalar":
        pair = [out, draws.pick([[], [1]])]
    elif form == "shorter":
        pair = [out, out[draws.int(1, len(out)) - 1 :]]
    else:
        first = [1 if draws.chance(0.35) else dim for dim in out]
        second = [dim if a == 1 or draws.chance(0.6) else 1 for dim, a in zip(out, first)]
        pair = [first, second]
    if draws.chance(0.5):
        pair.reverse()
    return *pair, list(np.broadcast_shapes(*pair))


def operand(graph, draws, shape, dtype, quant, constant):
    """An input, or a constant."""
    if constant:
        return graph.constant(draws.numbers(shape, dtype), dtype, quant)
    return graph.input(shape, dtype, quant)


def operands(graph, draws, dtype, quants):
    """Two operands and the shape of the result; at most one is a constant."""
    a, b, out = shapes(draws)
    constant = draws.pick([None, None, None, 0, 1])
    pair = [
        operand(graph, draws, shape, dtype, quants[index], constant == index)
        for index, shape in enumerate((a, b))
    ]
    return pair, out, f"{a} {b} constant {constant}"


def quants(draws, dtype):
    """Quantization of two operands, of like size."""
    first = draws.quant(dtype)
    second = first and Quant(draws.near(first.scale), draws.zero(dtype))
    return first, second


def sum_quant(draws, dtype, first, second):
    """Quantization of a sum."""
    return first and Quant(draws.near(max(first.scale, second.scale)), draws.zero(dtype))


def product_quant(draws, dtype, first, second):
    """Quantization of a product."""
    reach = {"int8": 100.0, "int16": 20000.0}.get(dtype, 1.0)
    return first and Quant(draws.near(first.scale * second.scale * reach), draws.zero(dtype))


def arithmetic(name, table, result):
    """A maker of an operator with a fused activation."""

    def make(draws, dtype):
        model, pair = Model(), quants(draws, dtype)
        graph = model.main
        inputs, shape, note = operands(graph, draws, dtype, pair)
        y = graph.output(shape, dtype, result(draws, dtype, *pair))
        activation = draws.activation()
        fields = {"potScaleInt16": False} if table in ("Add", "Sub") else {}
        fields["fusedActivationFunction"] = ACTIVATIONS[activation]
        graph.operator(name, inputs, [y], table=table, **fields)
        model.note = f"{note} {activation}"
        return model

    return make


KINDS = "float32 int8 int16 int32 int8-extreme int16-extreme"
OPERATORS = [
    Operator("ADD", arithmetic("ADD", "Add", sum_quant), KINDS),
    Operator("SUB", arithmetic("SUB", "Sub", sum_quant), KINDS),
    Operator("MUL", arithmetic("MUL", "Mul", product_quant), KINDS),
]
