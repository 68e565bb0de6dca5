"""Operators with a state that survives runs."""

import numpy as np

from draws import ACTIVATIONS
from operators.operator import Operator
from writer import Model, Quant

TURNS = 6


def svdf_scales(draws, depth, memory, rank, narrow):
    """Quantization of state, time weights, and what comes of them."""
    x = draws.quant("int8")
    feature = Quant(draws.log(-3, -1))
    first = 74 * 74 * depth**0.5 * x.scale * feature.scale
    state_type = "int8" if narrow else "int16"
    reach = 40 if narrow else 8000
    state = Quant(draws.near(first / reach), draws.zero(state_type))
    time = Quant(draws.log(-2.5, -1.5) / (1 if narrow else 256))
    second = first * time.scale * reach * (memory * rank) ** 0.5
    result = Quant(draws.near(second / 30), draws.pick([-128, draws.zero("int8")]))
    return x, feature, state, time, result


def svdf(draws, kind):
    """SVDF: a row of features goes through filters over features and then over time."""
    batch, depth, units = draws.pick([1, 1, 2]), draws.channels(12), draws.int(1, 6)
    rank, memory = draws.int(1, 3), draws.int(1, 7)
    filters = units * rank
    model = Model()
    graph = model.main
    shapes = [[batch, depth], [filters, depth], [filters, memory], [units]]
    state_shape, out_shape = [batch, filters * memory], [batch, units]
    if kind == "float32":
        x = graph.input(shapes[0], kind)
        data = [draws.rng.normal(size=shape) for shape in shapes[1:]]
        weights = [graph.constant(array, kind) for array in data]
        state = graph.tensor(state_shape, kind, variable=True)
        y = graph.output(out_shape, kind)
        activation = draws.activation()
    else:
        narrow = kind == "int8-narrow"
        time_type = "int8" if narrow else "int16"
        quants = svdf_scales(draws, depth, memory, rank, narrow)
        x = graph.input(shapes[0], "int8", quants[0])
        bias_quant = Quant(float(np.float32(quants[2].scale) * np.float32(quants[3].scale)))
        reach = 3000 if narrow else 100000000 // 64
        weights = [
            graph.constant(draws.rng.integers(-127, 128, shapes[1]), "int8", quants[1]),
            graph.constant(draws.integers(shapes[2], time_type), time_type, quants[3]),
            graph.constant(draws.rng.integers(-reach, reach, shapes[3]), "int32", bias_quant),
        ]
        state = graph.tensor(state_shape, time_type, quants[2], variable=True)
        y = graph.output(out_shape, "int8", quants[4])
        activation = "RELU"
    fields = {"rank": rank, "fusedActivationFunction": ACTIVATIONS[activation]}
    if draws.chance(0.2):
        weights[2] = -1
    graph.operator("SVDF", [x, *weights, state], [y], table="SVDF", **fields)
    model.note = f"{batch}x{depth} units {units} rank {rank} memory {memory} {activation}"
    return model


GATES = 4


def gate_tensors(graph, draws, kind, depth, units, quants):
    """Weights and biases of the four gates."""
    weights = {"float32": "float32"}.get(kind, "int8")
    biases = {"int8": "int32", "int16": "int64"}.get(kind, "float32")
    sides = [[], [], []]
    for _ in range(GATES):
        scale = draws.log(-2.3, -1.5)
        for side, columns in enumerate((depth, units)):
            if kind == "float32":
                data, quant = draws.rng.normal(size=[units, columns]) * 0.5, None
            else:
                data, quant = draws.rng.integers(-127, 128, [units, columns]), Quant(scale)
            sides[side].append(graph.constant(data, weights, quant))
        if kind == "float32":
            sides[2].append(graph.constant(draws.rng.normal(size=units) * 0.5, biases))
        else:
            step = float(np.float32(quants[0].scale) * np.float32(scale))
            data = np.int64(draws.rng.normal(size=units) / step)
            sides[2].append(graph.constant(data, biases, Quant(step)))
    return sides


def lstm(draws, kind):
    """UNIDIRECTIONAL_SEQUENCE_LSTM without peepholes, projection and normalization."""
    batch, time = draws.pick([1, 1, 2]), draws.int(1, 6)
    depth, units = draws.channels(8), draws.channels(8)
    major = draws.chance(0.3)
    model = Model()
    graph = model.main
    quants = [None, None, None]
    if kind != "float32":
        reach = 128 if kind == "int8" else 32768
        x_scale = draws.pick([1.0, 2.0, 4.0]) * draws.log(-0.2, 0.2) / reach
        hidden = Quant(draws.pick([1.0, 0.8]) / reach, draws.pick([0, draws.int(-20, 20)]))
        hidden.zero = hidden.zero if kind == "int8" else 0
        zero = draws.zero(kind)
        quants = [Quant(x_scale, zero), hidden, Quant(2.0 ** -draws.int(9, 13))]
    lead = [time, batch] if major else [batch, time]
    x = graph.input([*lead, depth], kind, quants[0])
    inputs, recurrent, biases = gate_tensors(graph, draws, kind, depth, units, quants)
    cell_type = "float32" if kind == "float32" else "int16"
    hidden = graph.tensor([batch, units], kind, quants[1], variable=True)
    cell = graph.tensor([batch, units], cell_type, quants[2], variable=True)
    y = graph.output([*lead, units], kind, quants[1])
    absent = [-1]
    operands = [x, *inputs, *recurrent, *absent * 3, *biases, *absent * 2, hidden, cell]
    operands += absent * 4
    fields = {"fusedActivationFunction": 4, "timeMajor": major}
    fields["cellClip"] = draws.pick([0.0, 0.0, 10.0, 1.5])
    table = "UnidirectionalSequenceLSTM"
    graph.operator("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, [y], table=table, **fields)
    model.note = f"batch {batch} time {time} {depth} -> {units} {fields}"
    return model


OPERATORS = [
    Operator("SVDF", svdf, "float32 int8 int8-narrow", TURNS),
    Operator("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm, "float32 int8 int16", TURNS),
]
