#!/usr/bin/env python3
"""Writes models/: networks of a few hundred bytes, sound and broken ones, and calibration data.

Needs onnx and numpy. The files are committed; run this again only to change them.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MODELS = Path(__file__).parent / "models"
OPSET = [helper.make_opsetid("", 13)]


def floats(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def weights(name, *shape, seed=1):
    data = np.random.default_rng(seed).uniform(-0.5, 0.5, shape).astype(np.float32)
    return numpy_helper.from_array(data, name)


def model(name, nodes, inputs, outputs, constants=()):
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, list(constants))
    proto = helper.make_model(graph, opset_imports=OPSET, ir_version=8)
    (MODELS / f"{name}.onnx").write_bytes(proto.SerializeToString())
    return proto


def convolution(name, input_shape, weight_shape=(2, 1, 3, 3)):
    """Convolution, ReLU, fully connected layer: image [1,1,4,4] to scores [1,3]."""
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["c"], "conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], "relu"),
        helper.make_node("Flatten", ["r"], ["f"], "flatten"),
        helper.make_node("Gemm", ["f", "v", "b"], ["scores"], "dense", transB=1),
    ]
    constants = [
        weights("w", *weight_shape),
        weights("v", 3, 32, seed=2),
        weights("b", 3, seed=3),
    ]
    return model(name, nodes, [floats("image", input_shape)], [floats("scores", [1, 3])], constants)


def sound():
    convolution("net", [1, 1, 4, 4])
    model(
        "two",
        [
            helper.make_node("Add", ["left", "right"], ["sum"], "add"),
            helper.make_node("Mul", ["left", "right"], ["product"], "mul"),
        ],
        [floats("left", [1, 4]), floats("right", [1, 4])],
        [floats("sum", [1, 4]), floats("product", [1, 4])],
    )


def broken_files():
    net = (MODELS / "net.onnx").read_bytes()
    (MODELS / "truncated.onnx").write_bytes(net[: len(net) // 2])
    (MODELS / "empty_file.onnx").write_bytes(b"")
    (MODELS / "text.onnx").write_text("This is not a model.\nIt is a text.\n")
    noise = np.random.default_rng(7).integers(0, 256, 300, dtype=np.uint8)
    (MODELS / "noise.onnx").write_bytes(noise.tobytes())


def broken_graphs():
    model("no_nodes", [], [floats("x", [1, 4])], [])
    boxes = [floats("boxes", [1, 8, 4]), floats("scores", [1, 1, 8])]
    selected = helper.make_tensor_value_info("selected", TensorProto.INT64, [8, 3])
    node = helper.make_node("NonMaxSuppression", ["boxes", "scores"], ["selected"], "/head/nms")
    model("unsupported", [node], boxes, [selected])
    circle = [
        helper.make_node("Add", ["x", "b"], ["a"], "first"),
        helper.make_node("Relu", ["a"], ["b"], "second"),
    ]
    model("cyclic", circle, [floats("x", [1, 4])], [floats("b", [1, 4])])
    convolution("unknown_dimension", [1, 1, "height", 4])
    convolution("contradiction", [1, 1, 4, 4], (2, 3, 3, 3))
    relu = helper.make_node("Relu", ["x"], ["y"], "relu")
    huge = [1 << 40, 1 << 40]
    model("huge", [relu], [floats("x", huge)], [floats("y", huge)])


def too_large():
    nodes = [
        helper.make_node("Relu", ["x"], ["r"], "relu"),
        helper.make_node("Transpose", ["r"], ["y"], "transpose", perm=[1, 0]),
    ]
    model("large", nodes, [floats("x", [128, 64])], [floats("y", [64, 128])])


def missing_weights():
    proto = convolution("missing_weights", [1, 1, 4, 4])
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in [("location", "weights.bin"), ("offset", "0"), ("length", "72")]:
        tensor.external_data.add(key=key, value=value)
    (MODELS / "missing_weights.onnx").write_bytes(proto.SerializeToString())


def calibration():
    samples = np.random.default_rng(4).uniform(0, 1, (4, 1, 4, 4)).astype(np.float32)
    np.save(MODELS / "samples.npy", samples)
    np.save(MODELS / "wrong_shape.npy", samples.reshape(4, 4, 4, 1)[:, :3])
    samples[1, 0, 2, 3] = np.nan
    np.save(MODELS / "nan.npy", samples)
    (MODELS / "text.npy").write_text("0.1, 0.2\n")


if __name__ == "__main__":
    MODELS.mkdir(exist_ok=True)
    sound()
    broken_files()
    broken_graphs()
    too_large()
    missing_weights()
    calibration()
    assert all(path.stat().st_size < 2048 for path in MODELS.iterdir())
