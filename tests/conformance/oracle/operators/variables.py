"""Variables: state that a model reads and assigns."""

from operators.operator import Operator
from writer import Model

TURNS = 6


def handle(graph, name):
    """A variable by its name."""
    tensor = graph.tensor([], "resource")
    fields = {"container": "", "sharedName": name}
    graph.operator("VAR_HANDLE", [], [tensor], table="VarHandle", **fields)
    return tensor


def read(graph, variable, shape, dtype, quant):
    """The value of a variable."""
    tensor = graph.tensor(shape, dtype, quant)
    graph.operator("READ_VARIABLE", [variable], [tensor], table="ReadVariable")
    return tensor


def assign(graph, variable, tensor):
    """Gives a variable a value."""
    graph.operator("ASSIGN_VARIABLE", [variable, tensor], [], table="AssignVariable")


def initialize(model, values):
    """Runs a subgraph once that gives variables their first values."""
    graph = model.graph()
    model.main.operator("CALL_ONCE", [], [], table="CallOnce", initSubgraphIndex=1)
    for name, (data, dtype, quant) in values.items():
        assign(graph, handle(graph, name), graph.constant(data, dtype, quant))


def window(draws, dtype):
    """The last rows of a stream: each run drops the oldest and adds the newest."""
    rows, new, channels = draws.int(2, 6), draws.int(1, 3), draws.int(1, 5)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    old_shape = [1, rows, channels]
    if started := draws.chance(0.8):
        initialize(model, {"rows": (draws.numbers(old_shape, dtype), dtype, quant)})
    x = graph.input([1, new, channels], dtype, quant)
    state = handle(graph, "rows")
    old = read(graph, state, old_shape, dtype, quant)
    y = graph.output([1, rows + new, channels], dtype, quant)
    graph.operator("CONCATENATION", [old, x], [y], table="Concatenation", axis=1)
    tail = graph.tensor(old_shape, dtype, quant)
    part = [graph.constant(ends, "int32") for ends in ([0, new, 0], [0, 0, 0], [1, 1, 1])]
    masks = {"beginMask": 5, "endMask": 7}
    graph.operator("STRIDED_SLICE", [y, *part], [tail], table="StridedSlice", **masks)
    assign(graph, state, tail)
    model.note = f"window of {rows}, {new} new, {channels} channels, started {started}"
    return model


def swap(draws, dtype):
    """Two variables: each run shows the input of the run before last."""
    shape = draws.dims(draws.int(1, 4), 5)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    names = ["first", "second"]
    values = {name: (draws.numbers(shape, dtype), dtype, quant) for name in names}
    initialize(model, values)
    x = graph.input(shape, dtype, quant)
    handles = [handle(graph, name) for name in names]
    olds = [read(graph, variable, shape, dtype, quant) for variable in handles]
    y = graph.output(shape, dtype, quant)
    graph.operator("MAXIMUM", [olds[1], olds[1]], [y], table="MaximumMinimum")
    assign(graph, handles[1], olds[0])
    assign(graph, handles[0], x)
    model.note = f"two of {shape}"
    return model


def running(draws, dtype):
    """The greatest of all inputs so far: what is assigned is shown and read again."""
    shape = draws.dims(draws.int(1, 4), 5)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    initialize(model, {"most": (draws.numbers(shape, dtype, 2), dtype, quant)})
    x = graph.input(shape, dtype, quant)
    state = handle(graph, "most")
    old = read(graph, state, shape, dtype, quant)
    new = graph.tensor(shape, dtype, quant)
    graph.operator("MAXIMUM", [old, x], [new], table="MaximumMinimum")
    assign(graph, state, new)
    again = read(graph, handle(graph, "most"), shape, dtype, quant)
    y = graph.output(shape, dtype, quant)
    graph.operator("MINIMUM", [again, x], [y], table="MaximumMinimum")
    model.note = f"greatest of {shape}"
    return model


def variables(draws, dtype):
    """VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE in one of three models."""
    return draws.pick([window, window, swap, running])(draws, dtype)


OPERATORS = [Operator("READ_VARIABLE", variables, "float32 int8 int16", TURNS)]
