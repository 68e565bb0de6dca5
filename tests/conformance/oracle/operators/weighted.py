"""What operators with weights share: scales, weights and biases."""

import numpy as np

from writer import Quant

# Standard deviation of numbers that are even over the range of a type.
SPREAD = {"int8": 74.0, "int16": 18900.0, "int4": 4.3}
# Types of the weights of operators on floats.
FLOATS = {"float32": "float32", "float16": "float16", "hybrid": "int8"}
GREATEST = {"int8": 127, "int4": 7}


def types(kind):
    """Types of activations and weights."""
    if kind in FLOATS:
        return "float32", FLOATS[kind]
    return ("int8", "int4") if kind == "int4" else (kind, "int8")


def activations(draws, kind):
    """Quantization of the input."""
    return draws.quant(types(kind)[0])


def weights(graph, draws, kind, shape, axis, depth, per_channel=True, zero=0):
    """Adds weights; returns them and their scales, one per channel of `axis` or one."""
    dtype = types(kind)[1]
    if dtype.startswith("float"):
        data = draws.rng.normal(size=shape) / np.sqrt(depth)
        return floats(graph, dtype, data), None
    channels = shape[axis] if per_channel else 1
    spread = draws.pick([0.0, 0.5, 2.0])
    scales = draws.log(-4, -1) * 10.0 ** draws.rng.uniform(-spread, 0, channels)
    greatest = GREATEST[dtype]
    lowest = -greatest - draws.pick([0, 0, 1])
    data = draws.rng.integers(lowest, greatest + 1, shape)
    quant = Quant(np.float32(scales), zero, axis if per_channel else 0)
    if kind == "hybrid":
        return graph.narrow(data, quant), None
    return graph.constant(data, dtype, quant), np.float32(scales)


def floats(graph, dtype, data):
    """Adds floats, or halves that are widened."""
    return graph.halves(data) if dtype == "float16" else graph.constant(data, "float32")


def sum_spread(draws, kind, quant, depth):
    """How far sums of products stray from 0, the zero point of the input included."""
    dtype, weight = types(kind)
    return SPREAD[weight] * np.sqrt(depth * (SPREAD[dtype] ** 2 + quant.zero**2))


def output_quant(draws, kind, quant, scales, depth):
    """Quantization of an output whose numbers fill the range."""
    dtype = types(kind)[0]
    if quant is None:
        return None
    real = sum_spread(draws, kind, quant, depth) * quant.scale * float(np.max(scales))
    return Quant(draws.near(real / SPREAD[dtype]), draws.zero(dtype))


def bias(graph, draws, kind, channels, quant, scales, depth, dtypes=("int64", "int64", "int32")):
    """Adds a bias, or says in one of two ways that there is none."""
    form = draws.pick(["bias", "bias", "bias", "absent", "minus one"])
    if form != "bias":
        return [] if form == "absent" else [-1]
    if quant is None:
        return [floats(graph, FLOATS[kind], draws.rng.normal(size=channels))]
    dtype = draws.pick(dtypes) if kind == "int16" else "int32"
    spread = sum_spread(draws, kind, quant, depth)
    if draws.extreme:
        spread = min(spread * draws.log(0, 4), 2.0**30 / 3)
    data = np.clip(draws.rng.normal(size=channels) * spread, -(2.0**30), 2.0**30)
    product = np.float32(quant.scale) * np.broadcast_to(scales, channels)
    return [graph.constant(np.int64(data), dtype, Quant(product, 0))]
