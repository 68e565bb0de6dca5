"""Poolings over windows."""

from draws import ACTIVATIONS
from operators.conv import options
from operators.operator import Operator
from operators.windows import window
from writer import Model


def pooling(name):
    """A maker of a pooling; input and output share their scale."""

    def make(draws, dtype):
        size, activation = window(draws, dilation=False), draws.activation()
        batch, channels = draws.pick([1, 1, 2]), draws.channels(9)
        model, quant = Model(), draws.quant(dtype)
        graph = model.main
        x = graph.input([batch, size.height.size, size.width.size, channels], dtype, quant)
        y = graph.output([batch, size.height.out, size.width.out, channels], dtype, quant)
        fields = options(size, activation, dilation=False)
        fields |= {"filterHeight": size.height.kernel, "filterWidth": size.width.kernel}
        graph.operator(name, [x], [y], table="Pool2D", **fields)
        model.note = f"{size} {activation}"
        return model

    return make


OPERATORS = [
    Operator("AVERAGE_POOL_2D", pooling("AVERAGE_POOL_2D"), "float32 int8 int16"),
    Operator("MAX_POOL_2D", pooling("MAX_POOL_2D"), "float32 int8 int16"),
    Operator("L2_POOL_2D", pooling("L2_POOL_2D"), "float32"),
]
