"""Several operators in a row, with branches: what a compiler fuses, moves or folds."""

import numpy as np

from draws import ACTIVATIONS
from operators import unary, weighted
from operators.operator import Operator
from operators.windows import PADDINGS
from writer import Model, Quant

FUNCTIONS = {
    "float32": ["RELU", "RELU6", "LEAKY_RELU", "HARD_SWISH", "LOGISTIC", "TANH", "ABS"],
    "int8": ["RELU", "RELU6", "LEAKY_RELU", "HARD_SWISH", "LOGISTIC", "TANH", "ABS"],
    "int16": ["RELU", "RELU6", "LEAKY_RELU", "LOGISTIC", "TANH", "ABS"],
}
MOST = 4000


class Chain:
    """A model being written: an image so far, and the images before."""

    def __init__(self, draws, kind):
        self.draws = draws
        self.kind = kind
        self.model = Model()
        self.graph = self.model.main
        self.shape = [1, draws.int(2, 9), draws.int(2, 9), draws.int(1, 6)]
        self.quant = draws.quant(kind)
        self.tensor = self.graph.input(self.shape, kind, self.quant)
        self.past = []

    def step(self, name, inputs, shape, quant, **options):
        """Adds an operator whose output is the next image."""
        self.past.append((self.tensor, self.shape, self.quant))
        tensor = self.graph.tensor(shape, self.kind, quant)
        self.graph.operator(name, inputs, [tensor], **options)
        self.tensor, self.shape, self.quant = tensor, list(shape), quant
        self.model.note += f" {name}"

    def indices(self, numbers):
        """Adds a constant of indices."""
        return self.graph.constant(numbers, "int32")


def span(draws, size, padding):
    """Kernel and stride along a dimension, and the length that comes of them."""
    kernel, stride = draws.int(1, min(3, size)), draws.pick([1, 1, 2])
    room = size if padding == "SAME" else size - kernel + 1
    return kernel, stride, -(-room // stride)


def window(chain):
    """Kernels and options of a window, and height and width of the result."""
    draws, padding = chain.draws, chain.draws.pick(list(PADDINGS))
    height = span(draws, chain.shape[1], padding)
    width = span(draws, chain.shape[2], padding)
    fields = {"padding": PADDINGS[padding], "strideH": height[1], "strideW": width[1]}
    fields["fusedActivationFunction"] = ACTIVATIONS[draws.activation()]
    return [height[0], width[0]], fields, [height[2], width[2]]


def layer(chain, name, table, shape, axis, products, fields, size):
    """A layer with weights."""
    draws, kind, graph = chain.draws, chain.kind, chain.graph
    w, scales = weighted.weights(graph, draws, kind, shape, axis, products)
    args = draws, kind, shape[axis], chain.quant, scales, products, ("int64",)
    b = [tensor for tensor in weighted.bias(graph, *args) if tensor >= 0]
    quant = weighted.output_quant(draws, kind, chain.quant, scales, products)
    chain.step(name, [chain.tensor, w, *b], size, quant, table=table, **fields)


def conv(chain):
    """CONV_2D."""
    kernel, fields, size = window(chain)
    out, depth = chain.draws.int(1, 9), chain.shape[3]
    products = kernel[0] * kernel[1] * depth
    size = [chain.shape[0], *size, out]
    layer(chain, "CONV_2D", "Conv2D", [out, *kernel, depth], 0, products, fields, size)


def depthwise(chain):
    """DEPTHWISE_CONV_2D."""
    kernel, fields, size = window(chain)
    multiplier = chain.draws.pick([1, 1, 2])
    out = chain.shape[3] * multiplier
    fields["depthMultiplier"] = multiplier
    name, table = "DEPTHWISE_CONV_2D", "DepthwiseConv2D"
    size = [chain.shape[0], *size, out]
    layer(chain, name, table, [1, *kernel, out], 3, kernel[0] * kernel[1], fields, size)


def pool(chain):
    """A pooling."""
    kernel, fields, size = window(chain)
    fields |= {"filterHeight": kernel[0], "filterWidth": kernel[1]}
    name = chain.draws.pick(["MAX_POOL_2D", "AVERAGE_POOL_2D"])
    size = [chain.shape[0], *size, chain.shape[3]]
    chain.step(name, [chain.tensor], size, chain.quant, table="Pool2D", **fields)


def pad(chain):
    """PAD around the image."""
    pads = [[0, 0], *([chain.draws.int(0, 2) for _ in "ab"] for _ in "hw"), [0, 0]]
    size = [dim + sum(ends) for dim, ends in zip(chain.shape, pads)]
    inputs = [chain.tensor, chain.indices(pads)]
    chain.step("PAD", inputs, size, chain.quant, table="Pad")


def function(chain):
    """A function of single elements."""
    name = chain.draws.pick(FUNCTIONS[chain.kind])
    quant = unary.result_quant(chain.draws, name, chain.kind, chain.quant)
    table = {"table": unary.OPTIONS[name]} if name in unary.OPTIONS else {}
    if name == "LEAKY_RELU":
        table["alpha"] = 0.2
    chain.step(name, [chain.tensor], chain.shape, quant, **table)


def combined(chain, other, quant, reverse):
    """A sum, difference or product with another tensor."""
    draws = chain.draws
    name, scale = draws.pick(["ADD", "SUB", "MUL"]), None
    if quant and name == "MUL":
        scale = chain.quant.scale * quant.scale * weighted.SPREAD[chain.kind]
        # Products of products leave what scales are meant for.
        name = name if 1e-6 < scale < 10 else "ADD"
    if quant and name != "MUL":
        scale = max(chain.quant.scale, quant.scale)
    result = quant and Quant(draws.near(scale), draws.zero(chain.kind))
    fields = {"potScaleInt16": False} if name != "MUL" else {}
    fields["fusedActivationFunction"] = ACTIVATIONS[draws.activation()]
    inputs = [other, chain.tensor] if reverse else [chain.tensor, other]
    chain.step(name, inputs, chain.shape, result, table=name.capitalize(), **fields)


def branch(chain):
    """Arithmetic with an earlier image of the same shape, or with itself."""
    fitting = [image for image in chain.past if image[1] == chain.shape]
    other, _, quant = chain.draws.pick(fitting or [(chain.tensor, chain.shape, chain.quant)])
    combined(chain, other, quant, chain.draws.chance(0.5))


def constant(chain):
    """Arithmetic with a constant for each channel, or one for all."""
    draws = chain.draws
    shape = draws.pick([[chain.shape[3]], [1, 1, 1, chain.shape[3]], []])
    quant = chain.quant and Quant(draws.near(chain.quant.scale), draws.zero(chain.kind))
    other = chain.graph.constant(draws.numbers(shape, chain.kind), chain.kind, quant)
    combined(chain, other, quant, draws.chance(0.3))


def rescale(chain):
    """QUANTIZE to another scale; a RELU of floats, which have none."""
    if chain.quant is None:
        chain.step("RELU", [chain.tensor], chain.shape, None)
        return
    quant = Quant(chain.draws.near(chain.quant.scale), chain.draws.zero(chain.kind))
    chain.step("QUANTIZE", [chain.tensor], chain.shape, quant, table="Quantize")


def join(chain):
    """CONCATENATION with itself, the halves in another order."""
    if chain.shape[3] > 6:
        return
    inputs = [chain.tensor] * 2
    size = [*chain.shape[:3], 2 * chain.shape[3]]
    chain.step("CONCATENATION", inputs, size, chain.quant, table="Concatenation", axis=3)


def swap(chain):
    """TRANSPOSE of rows and columns, or of columns and channels."""
    order = chain.draws.pick([[0, 2, 1, 3], [0, 1, 3, 2], [0, 3, 1, 2], [0, 2, 3, 1]])
    size = [chain.shape[axis] for axis in order]
    inputs = [chain.tensor, chain.indices(order)]
    chain.step("TRANSPOSE", inputs, size, chain.quant, table="Transpose")


def fold(chain):
    """RESHAPE of the image into rows."""
    _, height, width, channels = chain.shape
    new = chain.draws.pick([[1, height * width, 1, channels], [1, width, height, channels]])
    inputs = [chain.tensor, chain.indices(new)]
    chain.step("RESHAPE", inputs, new, chain.quant, table="Reshape", newShape=new)


def crop(chain):
    """STRIDED_SLICE of the image."""
    draws = chain.draws
    begin = [0, draws.int(0, chain.shape[1] - 1), draws.int(0, chain.shape[2] - 1), 0]
    step = [1, draws.pick([1, 1, 2]), draws.pick([1, 1, 2]), 1]
    size = [-(-(dim - first) // stride) for dim, first, stride in zip(chain.shape, begin, step)]
    inputs = [chain.tensor, *map(chain.indices, (begin, chain.shape, step))]
    chain.step("STRIDED_SLICE", inputs, size, chain.quant, table="StridedSlice")


def average(chain):
    """MEAN over the image, which stays an image."""
    inputs = [chain.tensor, chain.indices([1, 2])]
    size = [chain.shape[0], 1, 1, chain.shape[3]]
    chain.step("MEAN", inputs, size, chain.quant, table="Reducer", keepDims=True)


def scores(chain):
    """FULLY_CONNECTED over all elements, and SOFTMAX of scores in a sensible range."""
    depth, out = int(np.prod(chain.shape)), chain.draws.int(2, 9)
    fields = {"fusedActivationFunction": 0}
    name, table = "FULLY_CONNECTED", "FullyConnected"
    layer(chain, name, table, [out, depth], 0, depth, fields, [1, out])
    if chain.draws.chance(0.6) and (chain.quant is None or chain.quant.scale < 1):
        quant = {"int8": Quant(1 / 256, -128), "int16": Quant(1 / 32768, 0)}.get(chain.kind)
        chain.step("SOFTMAX", [chain.tensor], [1, out], quant, table="Softmax", beta=1.0)


STEPS = [conv, conv, conv, depthwise, depthwise, pool, pad, pad, function, function, branch]
STEPS += [branch, constant, constant, rescale, join, swap, fold, crop, average]


def chain_of(draws, kind):
    """Two to nine operators; earlier images may be outputs as well."""
    chain = Chain(draws, kind)
    for _ in range(draws.int(2, 8)):
        if np.prod(chain.shape) < MOST:
            draws.pick(STEPS)(chain)
    if draws.chance(0.4) or not chain.past:
        scores(chain)
    images = [(chain.tensor, chain.shape)]
    images += [image[:2] for image in chain.past[1:] if draws.chance(0.1)]
    for tensor, shape in images:
        chain.graph.expose(tensor, shape, kind)
    return chain.model


OPERATORS = [Operator("CHAIN", chain_of, "float32 int8 int16")]
