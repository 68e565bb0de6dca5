"""Functions of one element."""

import numpy as np

from draws import RANGES, within
from operators.operator import Operator
from writer import Model, Quant

# What the converter writes for results of fixed range.
FIXED = {
    ("LOGISTIC", "int8"): Quant(1 / 256, -128),
    ("LOGISTIC", "int16"): Quant(1 / 32768, 0),
    ("TANH", "int8"): Quant(1 / 128, 0),
    ("TANH", "int16"): Quant(1 / 32768, 0),
}
# Approximate functions, to choose scales of results by.
FUNCTIONS = {
    "LEAKY_RELU": lambda x: np.where(x > 0, x, 0.3 * x),
    "ELU": lambda x: np.where(x > 0, x, np.expm1(x)),
    "HARD_SWISH": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "ABS": np.abs,
    "NEG": np.negative,
    "EXP": np.exp,
    "LOG": lambda x: np.log(np.maximum(x, 1e-3)),
    "SQRT": lambda x: np.sqrt(np.maximum(x, 0)),
    "RSQRT": lambda x: 1 / np.sqrt(np.maximum(x, 1e-3)),
    "SQUARE": np.square,
    "RELU": lambda x: np.maximum(x, 0),
    "RELU6": lambda x: np.clip(x, 0, 6),
    "RELU_N1_TO_1": lambda x: np.clip(x, -1, 1),
    "RELU_0_TO_1": lambda x: np.clip(x, 0, 1),
}
POSITIVE = {"LOG", "SQRT", "RSQRT"}
OPTIONS = {"ABS": "Abs", "EXP": "Exp", "NEG": "Neg", "COS": "Cos", "SQUARE": "Square"}
OPTIONS |= {"HARD_SWISH": "HardSwish", "GELU": "Gelu", "LEAKY_RELU": "LeakyRelu"}


def input_quant(draws, name, dtype):
    """Quantization of the input; functions of positive numbers get no negative ones."""
    quant = draws.quant(dtype)
    if quant and not draws.extreme:
        reach = draws.log(-0.3, 1.3)
        quant.scale = reach / RANGES[dtype][1]
    if quant and name in POSITIVE and dtype == "int8":
        quant.zero = -128
    return quant


def result_quant(draws, name, dtype, quant):
    """A scale that covers the results, or nearly."""
    if quant is None or (name, dtype) in FIXED:
        return FIXED.get((name, dtype))
    low, high = RANGES[dtype]
    with np.errstate(all="ignore"):
        inputs = (np.linspace(low, high, 256) - quant.zero) * float(quant.scale)
        results = np.nan_to_num(FUNCTIONS.get(name, lambda x: x)(inputs), posinf=1e4, neginf=-1e4)
    least, most = min(results.min(), 0.0), max(results.max(), float(quant.scale))
    most = min(most, 1e6 if draws.extreme else 1e3)
    if dtype == "int16":
        return Quant(draws.near(max(most, -least) / high))
    scale = draws.near((most - least) / 255)
    fitting = int(np.clip(round(low - least / scale), low, high))
    return Quant(scale, draws.pick([fitting, fitting, draws.zero(dtype)]))


def function(name, **options):
    """A maker of an operator on single elements."""

    def make(draws, dtype):
        shape = draws.dims(draws.int(1, 4), 7)
        model, quant = Model(), input_quant(draws, name, dtype)
        graph = model.main
        low = {"float32": 1e-3, "int8": -127, "int16": 1}[dtype]
        positive = within(low, RANGES.get(dtype, (0, 30.0))[1])
        x = graph.input(shape, dtype, quant, positive if name in POSITIVE else None)
        y = graph.output(shape, dtype, result_quant(draws, name, dtype, quant))
        fields = {field: draws.pick(values) for field, values in options.items()}
        table = {"table": OPTIONS[name]} if name in OPTIONS else {}
        graph.operator(name, [x], [y], **table, **fields)
        model.note = f"{shape} {fields or ''}".strip()
        return model

    return make


def prelu(draws, dtype):
    """PRELU: one slope per channel, or slopes that broadcast."""
    shape = draws.dims(draws.int(2, 4), 6)
    form = draws.pick(["channel", "channel", "all", "one"])
    slopes = [1] * (len(shape) - 1) + shape[-1:]
    slopes = {"channel": slopes[1:], "all": shape[1:], "one": [1] * (len(shape) - 1)}[form]
    model, quant = Model(), input_quant(draws, "PRELU", dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    alphas = "int8" if dtype == "int16" else dtype
    slope = quant and Quant(draws.log(-3, -1.5), draws.zero(alphas))
    alpha = graph.constant(draws.numbers(slopes, alphas), alphas, slope)
    result = quant and Quant(draws.near(quant.scale), draws.zero(dtype))
    y = graph.output(shape, dtype, result)
    graph.operator("PRELU", [x, alpha], [y])
    model.note = f"{shape} slopes {slopes}"
    return model


QUANTIZED = "float32 int8 int16"
EXTREME = QUANTIZED + " int8-extreme int16-extreme"
NAMES = {
    "LOGISTIC": EXTREME,
    "TANH": EXTREME,
    "RELU": EXTREME,
    "RELU6": EXTREME,
    "RELU_N1_TO_1": QUANTIZED,
    "RELU_0_TO_1": QUANTIZED,
    "ELU": QUANTIZED + " int8-extreme",
    "HARD_SWISH": EXTREME,
    "ABS": EXTREME,
    "NEG": QUANTIZED,
    "EXP": QUANTIZED,
    "LOG": QUANTIZED,
    "SQRT": QUANTIZED,
    "RSQRT": QUANTIZED + " int8-extreme",
    "SQUARE": QUANTIZED,
    "SIN": "float32",
    "COS": "float32",
    "CEIL": "float32",
    "FLOOR": "float32",
    "ROUND": "float32",
}
ALPHAS = [0.01, 0.1, 0.3, 0.9, 1.5, 0.0, -0.2]
OPERATORS = [Operator(name, function(name), kinds) for name, kinds in NAMES.items()]
OPERATORS += [
    Operator("LEAKY_RELU", function("LEAKY_RELU", alpha=ALPHAS), EXTREME),
    Operator("PRELU", prelu, EXTREME),
    Operator("GELU", function("GELU", approximate=[True, False]), QUANTIZED),
]
