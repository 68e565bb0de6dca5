"""Convolutions."""

from draws import ACTIVATIONS
from operators import weighted
from operators.operator import Operator
from operators.windows import PADDINGS, window
from writer import Model

# The type of 16x8 biases that the reference reads rightly in these operators.
WIDE = ("int64",)
KINDS = "float32 int8 int16 int4 float16 hybrid int8-extreme int16-extreme"


def options(size, activation, dilation=True):
    """Fields that all options of convolutions have."""
    fields = {
        "padding": PADDINGS[size.padding],
        "strideH": size.height.stride,
        "strideW": size.width.stride,
        "fusedActivationFunction": ACTIVATIONS[activation],
    }
    if dilation:
        fields |= {"dilationHFactor": size.height.dilation, "dilationWFactor": size.width.dilation}
    return fields


def conv_2d(draws, kind):
    """CONV_2D: filters OHWI, one scale per output channel or one for all, groups."""
    size, activation = window(draws), draws.activation()
    groups = draws.pick([1, 1, 1, 2, 3])
    depth, out = draws.channels(), groups * draws.channels(5)
    batch = draws.pick([1, 1, 2])
    dtype = weighted.types(kind)[0]
    model = Model()
    graph = model.main
    quant = weighted.activations(draws, kind)
    x = graph.input([batch, size.height.size, size.width.size, groups * depth], dtype, quant)
    products = size.height.kernel * size.width.kernel * depth
    shape = [out, size.height.kernel, size.width.kernel, depth]
    w, scales = weighted.weights(graph, draws, kind, shape, 0, products, draws.chance(0.8))
    b = weighted.bias(graph, draws, kind, out, quant, scales, products)
    result = weighted.output_quant(draws, kind, quant, scales, products)
    y = graph.output([batch, size.height.out, size.width.out, out], dtype, result)
    graph.operator("CONV_2D", [x, w, *b], [y], table="Conv2D", **options(size, activation))
    model.note = f"{size} groups {groups} {activation} bias {len(b)}"
    return model


def depthwise_conv_2d(draws, kind):
    """DEPTHWISE_CONV_2D: filters 1HWC, the last axis counts channels times multiplier."""
    size, activation = window(draws), draws.activation()
    channels, multiplier = draws.channels(9), draws.pick([1, 1, 1, 2, 3])
    out = channels * multiplier
    batch = draws.pick([1, 1, 2])
    dtype = weighted.types(kind)[0]
    model = Model()
    graph = model.main
    quant = weighted.activations(draws, kind)
    x = graph.input([batch, size.height.size, size.width.size, channels], dtype, quant)
    products = size.height.kernel * size.width.kernel
    shape = [1, size.height.kernel, size.width.kernel, out]
    w, scales = weighted.weights(graph, draws, kind, shape, 3, products, draws.chance(0.8))
    b = weighted.bias(graph, draws, kind, out, quant, scales, products, WIDE)
    result = weighted.output_quant(draws, kind, quant, scales, products)
    y = graph.output([batch, size.height.out, size.width.out, out], dtype, result)
    fields = options(size, activation) | {"depthMultiplier": multiplier}
    graph.operator("DEPTHWISE_CONV_2D", [x, w, *b], [y], table="DepthwiseConv2D", **fields)
    model.note = f"{size} multiplier {multiplier} {activation} bias {len(b)}"
    return model


def transpose_conv(draws, kind):
    """TRANSPOSE_CONV: filters OHWI; the first input is the shape of the output."""
    size, activation = window(draws, dilation=False), draws.activation()
    depth, out, batch = draws.channels(), draws.channels(5), draws.pick([1, 1, 2])
    dtype = weighted.types(kind)[0]
    model = Model()
    graph = model.main
    quant = weighted.activations(draws, kind)
    shape = [batch, size.height.size, size.width.size, out]
    order = graph.constant(shape, "int32")
    kernel = [size.height.kernel, size.width.kernel]
    products = max(1, kernel[0] * kernel[1] * depth // (size.height.stride * size.width.stride))
    w, scales = weighted.weights(
        graph, draws, kind, [out, *kernel, depth], 0, products, draws.chance(0.8)
    )
    x = graph.input([batch, size.height.out, size.width.out, depth], dtype, quant)
    b = weighted.bias(graph, draws, kind, out, quant, scales, products, WIDE)
    result = weighted.output_quant(draws, kind, quant, scales, products)
    y = graph.output(shape, dtype, result)
    fields = options(size, activation, dilation=False)
    graph.operator("TRANSPOSE_CONV", [order, w, x, *b], [y], table="TransposeConv", **fields)
    model.note = f"output {size} {activation} bias {len(b)}"
    return model


OPERATORS = [
    Operator("CONV_2D", conv_2d, KINDS),
    Operator("DEPTHWISE_CONV_2D", depthwise_conv_2d, KINDS),
    Operator("TRANSPOSE_CONV", transpose_conv, KINDS.replace("int4 ", "").replace("hybrid ", "")),
]
