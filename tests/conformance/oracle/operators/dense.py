"""Products of matrices."""

import numpy as np

from draws import ACTIVATIONS
from operators import weighted
from operators.operator import Operator
from writer import Model, Quant


def fully_connected(draws, kind):
    """FULLY_CONNECTED: weights [out, in]; the input's last dimensions are taken together."""
    activation = draws.activation()
    depth, out = draws.pick([draws.int(1, 40), 64, 100, 129]), draws.channels(12)
    keep = draws.chance(0.3)
    lead = draws.dims(draws.int(1, 3), 4) if keep else [draws.int(1, 4)]
    dtype = weighted.types(kind)[0]
    model = Model()
    graph = model.main
    quant = weighted.activations(draws, kind)
    x = graph.input([*lead, depth], dtype, quant)
    zero = draws.int(-10, 10) if kind == "int8" and draws.chance(0.2) else 0
    channels = zero == 0 and draws.chance(0.5)
    w, scales = weighted.weights(graph, draws, kind, [out, depth], 0, depth, channels, zero)
    b = weighted.bias(graph, draws, kind, out, quant, scales, depth)
    result = weighted.output_quant(draws, kind, quant, scales, depth)
    y = graph.output([*lead, out], dtype, result)
    fields = {"fusedActivationFunction": ACTIVATIONS[activation], "keepNumDims": keep}
    graph.operator("FULLY_CONNECTED", [x, w, *b], [y], table="FullyConnected", **fields)
    model.note = f"{lead} x {depth} -> {out} {activation} bias {len(b)} zero {zero} keep {keep}"
    return model


def batch_matmul(draws, dtype):
    """BATCH_MATMUL: batches broadcast, either side may be transposed."""
    rows, depth, columns = draws.channels(6), draws.channels(9), draws.channels(6)
    batches = draws.dims(draws.int(0, 2), 3)
    shared = batches[draws.pick([0, 0, len(batches)]) :]
    other = [1 if draws.chance(0.2) else dim for dim in shared]
    adjoint = {"adjX": draws.chance(0.3), "adjY": draws.chance(0.3)}
    left = [depth, rows] if adjoint["adjX"] else [rows, depth]
    right = [columns, depth] if adjoint["adjY"] else [depth, columns]
    model = Model()
    graph = model.main
    first, second = draws.quant(dtype), draws.quant(dtype)
    x = graph.input([*batches, *left], dtype, first)
    if constant := draws.chance(0.4):
        w = graph.constant(draws.numbers([*other, *right], dtype), dtype, second)
    else:
        w = graph.input([*other, *right], dtype, second)
    result = None
    if first:
        spread = weighted.SPREAD[dtype]
        real = np.sqrt(depth * (spread**2 + first.zero**2)) * np.hypot(spread, second.zero)
        scale = real * first.scale * second.scale / spread
        result = Quant(draws.near(scale), draws.zero(dtype))
    shape = [*np.broadcast_shapes(tuple(batches), tuple(other)), rows, columns]
    y = graph.output(shape, dtype, result)
    graph.operator("BATCH_MATMUL", [x, w], [y], table="BatchMatMul", **adjoint)
    model.note = f"{batches}{left} {other}{right} {adjoint} constant {constant}"
    return model


KINDS = "float32 int8 int16 int8-extreme int16-extreme"
OPERATORS = [
    Operator("FULLY_CONNECTED", fully_connected, KINDS + " int4 float16 hybrid"),
    Operator("BATCH_MATMUL", batch_matmul, KINDS),
]
