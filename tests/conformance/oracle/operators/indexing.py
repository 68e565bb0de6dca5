"""Places of extremes, running sums and conversions of numbers."""

from draws import within
from operators.joining import axis_of
from operators.operator import Operator
from writer import Model, Quant, schema


def extreme_place(name, table):
    """A maker of ARG_MAX or ARG_MIN."""

    def make(draws, dtype):
        shape = draws.dims(draws.int(1, 4), 6)
        axis, asked = axis_of(draws, len(shape))
        result = draws.pick(["int32", "int32", "int64"])
        model, quant = Model(), draws.quant(dtype)
        graph = model.main
        x = graph.input(shape, dtype, quant)
        where = graph.constant(draws.pick([asked, [asked]]), "int32")
        y = graph.output(shape[:axis] + shape[axis + 1 :], result)
        code = getattr(schema.TensorType, result.upper())
        graph.operator(name, [x, where], [y], table=table, outputType=code)
        model.note = f"{shape} axis {asked} {result}"
        return model

    return make


def cumsum(draws, dtype):
    """CUMSUM; quantized sums have a scale of their own."""
    shape = draws.dims(draws.int(1, 4), 7)
    axis, asked = axis_of(draws, len(shape))
    fields = {"exclusive": draws.chance(0.5), "reverse": draws.chance(0.5)}
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    where = graph.constant(asked, "int32")
    grown = quant and Quant(draws.near(quant.scale * shape[axis] ** 0.5), draws.zero(dtype))
    y = graph.output(shape, dtype, grown)
    graph.operator("CUMSUM", [x, where], [y], table="Cumsum", **fields)
    model.note = f"{shape} axis {asked} {fields}"
    return model


def cast(draws, dtype):
    """CAST: floats stay within what the other type holds."""
    others = ["float32", "int8", "int16", "int32", "uint8", "bool", "int64"]
    result = draws.pick([other for other in others if other != dtype])
    low, high = {"int8": (-128, 127), "uint8": (0, 255)}.get(result, (-30000, 30000))
    shape = draws.dims(draws.int(1, 4), 6)
    model = Model()
    graph = model.main
    x = graph.input(shape, dtype, draw=within(low, high) if dtype == "float32" else None)
    y = graph.output(shape, result)
    codes = [getattr(schema.TensorType, kind.upper()) for kind in (dtype, result)]
    fields = {"inDataType": codes[0], "outDataType": codes[1]}
    graph.operator("CAST", [x], [y], table="Cast", **fields)
    model.note = f"{shape} to {result}"
    return model


OPERATORS = [
    Operator("CAST", cast, "float32 int8 int16 int32 int64 uint8 bool"),
    Operator("ARG_MAX", extreme_place("ARG_MAX", "ArgMax"), "float32 int8 int16 int32"),
    Operator("ARG_MIN", extreme_place("ARG_MIN", "ArgMin"), "float32 int8 int16 int32"),
    Operator("CUMSUM", cumsum, "float32 int8 int16 int8-extreme"),
]
