"""Random numbers, shapes and quantization, repeatable by name."""

import zlib

import numpy as np

from writer import Quant

RANGES = {
    "int4": (-7, 7),
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-32768, 32767),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**31), 2**31 - 1),
}
ACTIVATIONS = {"NONE": 0, "RELU": 1, "RELU_N1_TO_1": 2, "RELU6": 3}
FLOATS = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, -1.5, -2.5]
FLOATS += [3.0, 6.0, 7.0, -3.0, 1e-6, 20.0, -20.0]


class Draws:
    """Random choices of one case."""

    def __init__(self, name, extreme=False):
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.extreme = extreme

    def pick(self, choices):
        """One of several."""
        return choices[int(self.rng.integers(len(choices)))]

    def chance(self, probability):
        """Whether something of a probability happens."""
        return bool(self.rng.random() < probability)

    def int(self, low, high):
        """An integer, both ends included."""
        return int(self.rng.integers(low, high + 1))

    def log(self, low, high):
        """A number whose decimal logarithm is even in a range."""
        return float(np.float32(10.0 ** self.rng.uniform(low, high)))

    def dims(self, rank, limit=6):
        """A shape; some dimensions are 1."""
        return [1 if self.chance(0.15) else self.int(1, limit) for _ in range(rank)]

    def channels(self, limit=7):
        """A number of channels: few, or around the lengths that kernels take at once."""
        return self.int(1, limit) if self.chance(0.7) else self.pick([8, 9, 15, 16, 17, 32, 33])

    def axes(self, rank, count=None):
        """Different axes in any order, some counted from the end."""
        count = count or self.int(1, rank)
        axes = self.rng.permutation(rank)[:count]
        return [int(axis) - (rank if self.chance(0.3) else 0) for axis in axes]

    def activation(self):
        """Name of a fused activation."""
        return self.pick(["NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1"])

    def zero(self, dtype):
        """A zero point; the ends of the range are frequent."""
        if dtype not in ("int8", "uint8"):
            return 0
        low, high = RANGES[dtype]
        return self.pick([low, high] + [self.int(low, high)] * 3)

    def scale(self, dtype):
        """A scale of activations."""
        if self.extreme:
            return self.log(-12, 9)
        return self.log(-5, -2) if dtype == "int16" else self.log(-3, 0)

    def quant(self, dtype, scale=None):
        """Scale and zero point of activations; none for types that are not quantized."""
        if dtype not in ("int8", "uint8", "int16"):
            return None
        return Quant(scale or self.scale(dtype), self.zero(dtype))

    def near(self, scale):
        """A scale of about the size of another: results neither vanish nor saturate everywhere."""
        factor = 2.0 ** self.rng.uniform(-0.5, 1.5)
        if self.extreme:
            factor = 2.0 ** self.rng.uniform(-20, 30)
        return float(np.float32(scale * factor))

    def integers(self, shape, dtype, turn=0):
        """Integers over the whole range; some turns show its ends, or a part of it."""
        low, high = RANGES[dtype]
        if turn % 4 == 1:
            ends = np.array([low, low, high, high, 0, 1, -1 if low < 0 else 2])
            return self.rng.choice(ends, shape)
        if turn % 4 == 2:
            spread = max(2, (high - low) // 16)
            middle = self.int(low + spread, high - spread)
            return self.rng.integers(middle - spread, middle + spread, shape)
        return self.rng.integers(low, high + 1, shape)

    def floats(self, shape, turn=0):
        """Floats: normal ones, special ones, large ones."""
        if turn % 4 == 1:
            return self.rng.choice(np.array(FLOATS), shape)
        scale = [1.0, 1.0, 10.0, 3.0][turn % 4]
        return self.rng.normal(size=shape) * scale

    def numbers(self, shape, dtype, turn=0):
        """Numbers of any type."""
        if dtype == "float32":
            return self.floats(shape, turn)
        if dtype == "bool":
            return self.rng.integers(0, 2, shape)
        return self.integers(shape, dtype, turn)


def within(low, high):
    """Numbers within a range, as an input's `draw`."""

    def draw(draws, shape, dtype, _turn):
        if dtype == "float32":
            return draws.rng.uniform(low, high, shape)
        return draws.rng.integers(int(low), int(high) + 1, shape)

    return draw
