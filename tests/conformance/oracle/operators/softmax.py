"""Softmax and its logarithm."""

from operators.operator import Operator
from writer import Model, Quant

# Scale and zero point of the result, as the converter writes them.
SOFTMAX = {
    "int8": Quant(1 / 256, -128),
    "int16": Quant(1 / 32768, 0),
    "int8-int16": Quant(1 / 65536, -32768),
}
LOG_SOFTMAX = {"int8": Quant(16 / 256, 127)}


def scores(draws, dtype):
    """Scale and zero point of scores."""
    quant = draws.quant(dtype)
    if quant and not draws.extreme:
        quant.scale = draws.log(-2.5, 0) if dtype == "int8" else draws.log(-4.5, -2.5)
    return quant


def softmax(draws, kind):
    """SOFTMAX over the last axis."""
    dtype, result = kind.split("-")[0], kind.split("-")[-1]
    shape = draws.dims(draws.int(1, 4), 12)
    beta = draws.pick([1.0, 1.0, 1.0, 0.5, 2.0, 0.1])
    model = Model()
    graph = model.main
    x = graph.input(shape, dtype, scores(draws, dtype))
    y = graph.output(shape, result, SOFTMAX.get(kind))
    graph.operator("SOFTMAX", [x], [y], table="Softmax", beta=beta)
    model.note = f"{shape} beta {beta}"
    return model


def log_softmax(draws, dtype):
    """LOG_SOFTMAX over the last axis."""
    shape = draws.dims(draws.int(1, 4), 12)
    model = Model()
    graph = model.main
    x = graph.input(shape, dtype, scores(draws, dtype))
    y = graph.output(shape, dtype, LOG_SOFTMAX.get(dtype))
    graph.operator("LOG_SOFTMAX", [x], [y], table="LogSoftmax")
    model.note = f"{shape}"
    return model


OPERATORS = [
    Operator("SOFTMAX", softmax, "float32 int8 int16 int8-int16 int8-extreme int16-extreme"),
    Operator("LOG_SOFTMAX", log_softmax, "float32 int8 int8-extreme"),
]
