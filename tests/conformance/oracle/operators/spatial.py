"""Operators that move elements between space, depth and batch, or interpolate."""

from operators.operator import Operator
from operators.padding import borders
from writer import Model, Quant

KINDS = "float32 int8 int16"


def resize(name, table):
    """A maker of a resize of images."""

    def make(draws, dtype):
        batch, channels = draws.pick([1, 1, 2]), draws.channels(5)
        old = [draws.int(1, 7), draws.int(1, 7)]
        new = [draws.int(1, 12), draws.int(1, 12)]
        if draws.chance(0.3):
            new = [dim * draws.pick([2, 3]) for dim in old]
        corners, half = draws.pick([(False, False), (False, True), (True, False)])
        model, quant = Model(), draws.quant(dtype)
        graph = model.main
        x = graph.input([batch, *old, channels], dtype, quant)
        size = graph.constant(new, "int32")
        y = graph.output([batch, *new, channels], dtype, quant)
        fields = {"alignCorners": corners, "halfPixelCenters": half}
        graph.operator(name, [x, size], [y], table=table, **fields)
        model.note = f"{old} -> {new} corners {corners} half {half}"
        return model

    return make


def depth_to_space(draws, dtype):
    """DEPTH_TO_SPACE."""
    block = draws.pick([1, 2, 2, 3])
    batch, height, width, channels = draws.dims(4, 4)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input([batch, height, width, channels * block * block], dtype, quant)
    y = graph.output([batch, height * block, width * block, channels], dtype, quant)
    graph.operator("DEPTH_TO_SPACE", [x], [y], table="DepthToSpace", blockSize=block)
    model.note = f"{height}x{width}x{channels} block {block}"
    return model


def space_to_depth(draws, dtype):
    """SPACE_TO_DEPTH."""
    block = draws.pick([1, 2, 2, 3])
    batch, height, width, channels = draws.dims(4, 4)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input([batch, height * block, width * block, channels], dtype, quant)
    y = graph.output([batch, height, width, channels * block * block], dtype, quant)
    graph.operator("SPACE_TO_DEPTH", [x], [y], table="SpaceToDepth", blockSize=block)
    model.note = f"{height}x{width}x{channels} block {block}"
    return model


def batches(draws):
    """Shapes on both sides of a division of space into batches, blocks, and the border."""
    space = draws.pick([1, 2, 2])
    blocks = [draws.pick([1, 2, 3]) for _ in range(space)]
    small = [draws.int(1, 4) for _ in range(space)]
    large = [dim * block for dim, block in zip(small, blocks)]
    most = draws.pick([0, 0, 3])
    cut = [
        [min(a, (dim - 1) // 2), min(b, (dim - 1) // 2)]
        for (a, b), dim in zip(borders(draws, large, most), large)
    ]
    inner = [dim - a - b for (a, b), dim in zip(cut, large)]
    batch, channels, count = draws.pick([1, 2]), draws.int(1, 4), 1
    for block in blocks:
        count *= block
    return [batch, *inner, channels], [batch * count, *small, channels], blocks, cut


def space_to_batch(draws, dtype):
    """SPACE_TO_BATCH_ND with a border."""
    whole, parts, blocks, cut = batches(draws)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(whole, dtype, quant)
    inputs = [x, graph.constant(blocks, "int32"), graph.constant(cut, "int32")]
    y = graph.output(parts, dtype, quant)
    graph.operator("SPACE_TO_BATCH_ND", inputs, [y], table="SpaceToBatchND")
    model.note = f"{whole} -> {parts} blocks {blocks} border {cut}"
    return model


def batch_to_space(draws, dtype):
    """BATCH_TO_SPACE_ND with elements cut off."""
    whole, parts, blocks, cut = batches(draws)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(parts, dtype, quant)
    inputs = [x, graph.constant(blocks, "int32"), graph.constant(cut, "int32")]
    y = graph.output(whole, dtype, quant)
    graph.operator("BATCH_TO_SPACE_ND", inputs, [y], table="BatchToSpaceND")
    model.note = f"{parts} -> {whole} blocks {blocks} cut {cut}"
    return model


def l2_normalization(draws, dtype):
    """L2_NORMALIZATION over the last axis; the scale of results is fixed."""
    shape = draws.dims(draws.int(2, 4), 7)
    model, quant = Model(), draws.quant(dtype)
    graph = model.main
    x = graph.input(shape, dtype, quant)
    y = graph.output(shape, dtype, quant and Quant(1 / 128, 0))
    graph.operator("L2_NORMALIZATION", [x], [y], table="L2Norm")
    model.note = f"{shape}"
    return model


RESIZE = {"RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighbor", "RESIZE_BILINEAR": "ResizeBilinear"}
OPERATORS = [
    *(Operator(name, resize(name, table), KINDS) for name, table in RESIZE.items()),
    Operator("DEPTH_TO_SPACE", depth_to_space, KINDS),
    Operator("SPACE_TO_DEPTH", space_to_depth, KINDS),
    Operator("SPACE_TO_BATCH_ND", space_to_batch, KINDS),
    Operator("BATCH_TO_SPACE_ND", batch_to_space, KINDS),
    Operator("L2_NORMALIZATION", l2_normalization, "float32 int8 int8-extreme"),
]
