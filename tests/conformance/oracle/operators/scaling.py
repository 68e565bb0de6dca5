"""Conversions between floats and quantized integers, and between scales."""

from draws import RANGES
from operators.operator import Operator
from writer import Model, Quant


def wide_floats(quant, dtype):
    """Floats for a type: halves between integers are frequent."""

    def draw(draws, shape, _dtype, turn):
        reach = RANGES[dtype][1]
        if turn % 4 == 1:
            return draws.rng.integers(-2 * reach, 2 * reach, shape) / 2 * quant.scale
        return draws.rng.uniform(-1.4, 1.4, shape) * reach * quant.scale

    return draw


def quantize(draws, kind):
    """QUANTIZE from floats, or from one scale to another."""
    dtype, result = kind.split("-")[:2]
    shape = draws.dims(draws.int(1, 4), 7)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    if quant and result == "int32":
        target = Quant(draws.near(quant.scale), 0)
    elif quant:
        wide, narrow = (RANGES[kind][1] - RANGES[kind][0] for kind in (dtype, result))
        target = Quant(draws.near(quant.scale * wide / narrow), draws.zero(result))
    else:
        target = draws.quant(result)
    x = graph.input(shape, dtype, quant, None if quant else wide_floats(target, result))
    y = graph.output(shape, result, target)
    graph.operator("QUANTIZE", [x], [y], table="Quantize")
    model.note = f"{shape}"
    return model


def dequantize(draws, kind):
    """DEQUANTIZE to floats."""
    dtype = kind.split("-")[0]
    shape = draws.dims(draws.int(1, 4), 7)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant or Quant(draws.log(-3, 0), 0))
    y = graph.output(shape, "float32")
    graph.operator("DEQUANTIZE", [x], [y], table="Dequantize")
    model.note = f"{shape}"
    return model


FROM_FLOAT = "float32-int8 float32-int16 float32-uint8 "
BETWEEN = "int8-int8 int8-int16 int16-int8 int16-int16 int8-uint8 uint8-int8 "
WIDER = "int8-int32 int16-int32 int8-int8-extreme int16-int16-extreme int8-int16-extreme"
OPERATORS = [
    Operator("QUANTIZE", quantize, FROM_FLOAT + BETWEEN + WIDER),
    Operator("DEQUANTIZE", dequantize, "int8-float32 int16-float32 uint8-float32 int32-float32"),
]
