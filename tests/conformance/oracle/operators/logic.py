"""Comparisons, truth values and selection."""

import numpy as np

from operators.binary import operands, quants, shapes
from operators.operator import Operator
from writer import Model


def comparison(name, table):
    """A maker of a comparison."""

    def make(draws, dtype):
        model, pair = Model(), quants(draws, dtype)
        graph = model.main
        inputs, shape, model.note = operands(graph, draws, dtype, pair)
        y = graph.output(shape, "bool")
        graph.operator(name, inputs, [y], table=table)
        return model

    return make


def logical(name, table):
    """A maker of an operator on two truth values."""

    def make(draws, dtype):
        model = Model()
        graph = model.main
        inputs, shape, model.note = operands(graph, draws, dtype, (None, None))
        y = graph.output(shape, dtype)
        graph.operator(name, inputs, [y], table=table)
        return model

    return make


def logical_not(draws, dtype):
    """LOGICAL_NOT."""
    shape = draws.dims(draws.int(1, 4), 6)
    model = Model()
    graph = model.main
    x, y = graph.input(shape, dtype), graph.output(shape, dtype)
    graph.operator("LOGICAL_NOT", [x], [y], table="LogicalNot")
    model.note = f"{shape}"
    return model


def select(draws, dtype):
    """SELECT_V2: condition and both choices broadcast; all scales are equal."""
    a, b, out = shapes(draws)
    condition = draws.pick([out, out, a, b, [1]])
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    flag = graph.input(condition, "bool")
    x = graph.input(a, dtype, quant)
    if constant := draws.chance(0.3):
        y = graph.constant(draws.numbers(b, dtype), dtype, quant)
    else:
        y = graph.input(b, dtype, quant)
    shape = list(np.broadcast_shapes(tuple(condition), tuple(out)))
    z = graph.output(shape, dtype, quant)
    graph.operator("SELECT_V2", [flag, x, y], [z], table="SelectV2")
    model.note = f"{condition} ? {a} : {b} constant {constant}"
    return model


COMPARISONS = {
    "EQUAL": "Equal",
    "NOT_EQUAL": "NotEqual",
    "GREATER": "Greater",
    "GREATER_EQUAL": "GreaterEqual",
    "LESS": "Less",
    "LESS_EQUAL": "LessEqual",
}
# The reference takes 16-bit operands of GREATER and writes no result: they are left out.
ORDERED = "float32 int8 int32 int64 int8-extreme"
EITHER, EITHER_OF = " bool", ["EQUAL", "NOT_EQUAL"]
OPERATORS = [
    Operator(name, comparison(name, table), ORDERED + (EITHER if name in EITHER_OF else ""))
    for name, table in COMPARISONS.items()
]
OPERATORS += [
    Operator("LOGICAL_AND", logical("LOGICAL_AND", "LogicalAnd"), "bool"),
    Operator("LOGICAL_OR", logical("LOGICAL_OR", "LogicalOr"), "bool"),
    Operator("LOGICAL_NOT", logical_not, "bool"),
    Operator("SELECT_V2", select, "float32 int8 int16 int32 int64 bool"),
]
