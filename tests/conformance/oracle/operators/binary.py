"""Operators of two operands that broadcast."""

import numpy as np

from draws import ACTIVATIONS, within
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
        # The reference forgets activations of sums of 32-bit integers.
        activation = "NONE" if (name, dtype) == ("ADD", "int32") else draws.activation()
        fields = {"potScaleInt16": False} if table in ("Add", "Sub") else {}
        fields["fusedActivationFunction"] = ACTIVATIONS[activation]
        graph.operator(name, inputs, [y], table=table, **fields)
        model.note = f"{note} {activation}"
        return model

    return make


def quotient_quant(draws, dtype, first, second):
    """Quantization of a quotient."""
    return first and Quant(draws.near(first.scale / second.scale / 40), draws.zero(dtype))


def divisor(draws, shape, dtype, turn):
    """Numbers that are not 0: quantized divisors have their zero point at an end of the range."""
    data = draws.numbers(shape, dtype, turn)
    return np.where(np.abs(data) < 0.1, 0.5 if dtype == "float32" else 1, data)


def div(draws, dtype):
    """DIV: the divisor is never 0."""
    a, b, shape = shapes(draws)
    model, pair = Model(), quants(draws, dtype)
    graph = model.main
    if pair[1]:
        pair[1].zero = {"int8": -128, "uint8": 0}.get(dtype, 0)
    x = graph.input(a, dtype, pair[0])
    low = {"int8": within(-127, 127), "uint8": within(1, 255)}.get(dtype, divisor)
    y = graph.input(b, dtype, pair[1], low)
    z = graph.output(shape, dtype, quotient_quant(draws, dtype, *pair))
    activation = draws.activation()
    fields = {"fusedActivationFunction": ACTIVATIONS[activation]}
    graph.operator("DIV", [x, y], [z], table="Div", **fields)
    model.note = f"{a} {b} {activation}"
    return model


def choice(name):
    """A maker of MAXIMUM or MINIMUM: all scales are equal."""

    def make(draws, dtype):
        model, quant = Model(), draws.quant(dtype)
        graph = model.main
        inputs, shape, model.note = operands(graph, draws, dtype, (quant, quant))
        y = graph.output(shape, dtype, quant)
        graph.operator(name, inputs, [y], table="MaximumMinimum")
        return model

    return make


def square_quant(draws, dtype, first, second):
    """Quantization of a square: mostly without a part for negative numbers."""
    reach = {"int8": 150.0, "int16": 60000.0}.get(dtype, 1.0)
    scale = first and draws.near(first.scale * second.scale * reach)
    least = -128 if dtype == "int8" else 0
    return first and Quant(scale, draws.pick([least, least, draws.zero(dtype)]))


def squared_difference(draws, dtype):
    """SQUARED_DIFFERENCE."""
    model, pair = Model(), quants(draws, dtype)
    graph = model.main
    inputs, shape, model.note = operands(graph, draws, dtype, pair)
    y = graph.output(shape, dtype, square_quant(draws, dtype, *pair))
    graph.operator("SQUARED_DIFFERENCE", inputs, [y], table="SquaredDifference")
    return model


KINDS = "float32 int8 int16 int32 int8-extreme int16-extreme"
OPERATORS = [
    Operator("ADD", arithmetic("ADD", "Add", sum_quant), KINDS),
    Operator("SUB", arithmetic("SUB", "Sub", sum_quant), KINDS),
    Operator("MUL", arithmetic("MUL", "Mul", product_quant), KINDS),
    Operator("DIV", div, KINDS),
    Operator("MAXIMUM", choice("MAXIMUM"), "float32 int8 int16 int32 int64"),
    Operator("MINIMUM", choice("MINIMUM"), "float32 int8 int16 int32 int64"),
    Operator("SQUARED_DIFFERENCE", squared_difference, KINDS),
]
