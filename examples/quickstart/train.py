#!/usr/bin/env python3
"""Trains the network of the quickstart and writes the files that the example is built from.

    pip install numpy scikit-learn onnx
    python3 train.py

Data: "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, UCI Machine Learning Repository,
1998, CC BY 4.0), in the copy that scikit-learn ships: 1797 images of 8x8 pixels with values 0..16.

Written, next to this file:
    digits.onnx          the network, float32, input [batch, 1, 8, 8] with values 0..1
    digits.calib.npy     64 training images, float32 [64, 1, 8, 8]; found by the macro because of its name
    samples/images.bin   100 held-out images, one byte a pixel, 0..16
    samples/labels.bin   their 100 labels, one byte each

The network is small enough to be trained with plain numpy in less than a minute. The result is the same at every run
on one machine; another version of numpy may round differently.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 7
EPOCHS = 40
BATCH = 32
LEARNING_RATE = 4e-3
HERE = Path(__file__).resolve().parent


class Conv:
    """3x3 or 1x1 convolution, stride 1, same size, NCHW; `groups` is 1 or the number of channels."""

    def __init__(self, rng, name, in_c, out_c, size, groups=1):
        fan_in = in_c // groups * size * size
        shape = (out_c, in_c // groups, size, size)
        self.name, self.size, self.groups = name, size, groups
        self.params = {
            "weight": rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32),
            "bias": np.zeros(out_c, np.float32),
        }

    def windows(self, x):
        pad = self.size // 2
        x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        return np.lib.stride_tricks.sliding_window_view(x, (self.size, self.size), axis=(2, 3))

    def forward(self, x):
        self.x = x
        w, b = self.params["weight"], self.params["bias"]
        rule = "nchwij,cij->nchw" if self.groups > 1 else "nchwij,ocij->nohw"
        weights = w[:, 0] if self.groups > 1 else w
        return np.einsum(rule, self.windows(x), weights, optimize=True) + b[:, None, None]

    def backward(self, grad):
        w = self.params["weight"]
        self.grads = {"bias": grad.sum((0, 2, 3))}
        flipped = w[:, :, ::-1, ::-1]
        if self.groups > 1:
            self.grads["weight"] = np.einsum("nchw,nchwij->cij", grad, self.windows(self.x), optimize=True)[:, None]
            return np.einsum("nchwij,cij->nchw", self.windows(grad), flipped[:, 0], optimize=True)
        self.grads["weight"] = np.einsum("nohw,nchwij->ocij", grad, self.windows(self.x), optimize=True)
        return np.einsum("nohwij,ocij->nchw", self.windows(grad), flipped, optimize=True)


class Relu:
    params = {}

    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad):
        return grad * self.mask


class MaxPool:
    """2x2, stride 2."""

    params = {}

    def forward(self, x):
        n, c, h, w = x.shape
        self.tiles = x.reshape(n, c, h // 2, 2, w // 2, 2)
        self.out = self.tiles.max((3, 5))
        return self.out

    def backward(self, grad):
        mask = self.tiles == self.out[:, :, :, None, :, None]
        spread = mask * grad[:, :, :, None, :, None]
        n, c, h, _, w, _ = spread.shape
        return spread.reshape(n, c, 2 * h, 2 * w)


class Flatten:
    params = {}

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, grad):
        return grad.reshape(self.shape)


class Linear:
    def __init__(self, rng, name, inputs, outputs):
        self.name = name
        self.params = {
            "weight": rng.normal(0, np.sqrt(1 / inputs), (outputs, inputs)).astype(np.float32),
            "bias": np.zeros(outputs, np.float32),
        }

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, grad):
        self.grads = {"weight": grad.T @ self.x, "bias": grad.sum(0)}
        return grad @ self.params["weight"]


def network(rng):
    return [
        Conv(rng, "conv", 1, 8, 3),
        Relu(),
        Conv(rng, "depthwise", 8, 8, 3, groups=8),
        Relu(),
        Conv(rng, "pointwise", 8, 16, 1),
        Relu(),
        MaxPool(),
        Flatten(),
        Linear(rng, "classifier", 16 * 4 * 4, 10),
    ]


def forward(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def shifted(rng, x):
    """Each image moved by up to one pixel: more data for free."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    at = rng.choice([0, 1, 1, 2], size=(len(x), 2))
    return np.stack([image[:, i : i + 8, j : j + 8] for image, (i, j) in zip(padded, at)])


def train(rng, layers, x, y):
    """Adam on cross-entropy; the learning rate falls to zero along a cosine."""
    moments = {}
    steps = EPOCHS * (len(x) // BATCH)
    step = 0
    for epoch in range(EPOCHS):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            grad = softmax(forward(layers, shifted(rng, x[batch])))
            grad[np.arange(BATCH), y[batch]] -= 1
            grad /= BATCH
            for layer in reversed(layers):
                grad = layer.backward(grad)
            step += 1
            rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            update(moments, layers, rate, step)
        print(f"\repoch {epoch + 1}/{EPOCHS}", end="", flush=True)
    print()


def update(moments, layers, rate, step):
    for index, layer in enumerate(layers):
        for key, value in layer.params.items():
            m, v = moments.setdefault((index, key), (np.zeros_like(value), np.zeros_like(value)))
            m += 0.1 * (layer.grads[key] - m)
            v += 0.001 * (layer.grads[key] ** 2 - v)
            unbiased = np.sqrt(v / (1 - 0.999**step)) + 1e-8
            value -= (rate * m / (1 - 0.9**step) / unbiased).astype(np.float32)


def accuracy(layers, x, y):
    return float((forward(layers, x).argmax(1) == y).mean())


def export(layers, path):
    """The graph as PyTorch's exporter writes it: NCHW, a free batch dimension, names of modules."""
    nodes, weights = [], []
    value, relus = "image", 0

    def add(kind, name, inputs, **attributes):
        out = f"/{name}/{kind}_output_0"
        nodes.append(helper.make_node(kind, inputs, [out], name=f"/{name}/{kind}", **attributes))
        return out

    for layer in layers:
        names = [f"{layer.name}.{key}" for key in layer.params] if layer.params else []
        weights += [numpy_helper.from_array(array, name) for name, array in zip(names, layer.params.values())]
        if isinstance(layer, Conv):
            pad = layer.size // 2
            value = add(
                "Conv", layer.name, [value, *names], dilations=[1, 1], group=layer.groups,
                kernel_shape=[layer.size] * 2, pads=[pad] * 4, strides=[1, 1],
            )  # fmt: skip
        elif isinstance(layer, Relu):
            value = add("Relu", "relu" if relus == 0 else f"relu_{relus}", [value])
            relus += 1
        elif isinstance(layer, MaxPool):
            value = add("MaxPool", "pool", [value], kernel_shape=[2, 2], strides=[2, 2])
        elif isinstance(layer, Flatten):
            value = add("Flatten", "flatten", [value], axis=1)
        else:
            value = add("Gemm", layer.name, [value, *names], alpha=1.0, beta=1.0, transB=1)
    nodes.append(helper.make_node("Softmax", [value], ["probabilities"], name="/softmax/Softmax", axis=1))

    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])],
        weights,
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8, producer_name="edge quickstart")
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def main():
    digits = load_digits()
    x = (digits.images[:, None] / 16).astype(np.float32)
    y = digits.target
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=SEED, stratify=y)

    rng = np.random.default_rng(SEED)
    layers = network(rng)
    train(rng, layers, x_train, y_train)
    test = accuracy(layers, x_test, y_test)
    print(f"training {accuracy(layers, x_train, y_train):.2%}, held out {test:.2%} of {len(x_test)}")
    assert test >= 0.97, "the network should reach 97 % on images it has not seen"

    export(layers, HERE / "digits.onnx")
    np.save(HERE / "digits.calib.npy", x_train[:64])
    samples = HERE / "samples"
    samples.mkdir(exist_ok=True)
    (samples / "images.bin").write_bytes((x_test[:100] * 16).round().astype(np.uint8).tobytes())
    (samples / "labels.bin").write_bytes(y_test[:100].astype(np.uint8).tobytes())
    print(f"float on the 100 committed samples: {accuracy(layers, x_test[:100], y_test[:100]):.0%}")


if __name__ == "__main__":
    main()
