"""Windows of convolutions and poolings."""

import dataclasses

PADDINGS = {"SAME": 0, "VALID": 1}


@dataclasses.dataclass
class Axis:
    """One direction of a window."""

    size: int
    kernel: int
    stride: int
    dilation: int
    out: int


@dataclasses.dataclass
class Window:
    """A window over an image."""

    padding: str
    height: Axis
    width: Axis

    def __str__(self):
        h, w = self.height, self.width
        dilated = h.dilation * w.dilation > 1
        return (
            f"{self.padding} {h.size}x{w.size} kernel {h.kernel}x{w.kernel}"
            f" stride {h.stride}x{w.stride}"
            + (f" dilation {h.dilation}x{w.dilation}" if dilated else "")
        )


def axis(draws, padding, dilated, limit=9, kernels=4):
    """A direction; with VALID padding the window fits at least once."""
    kernel = draws.int(1, kernels)
    dilation = draws.int(1, 3) if dilated else 1
    extent = (kernel - 1) * dilation + 1
    size = draws.int(1 if padding == "SAME" else extent, max(limit, extent + 2))
    stride = draws.int(1, 3)
    room = size if padding == "SAME" else size - extent + 1
    return Axis(size, kernel, stride, dilation, -(-room // stride))


def window(draws, dilation=True):
    """A random window; signals are images of height 1."""
    padding = draws.pick(list(PADDINGS))
    dilated = dilation and draws.chance(0.3)
    height = Axis(1, 1, 1, 1, 1) if draws.chance(0.15) else axis(draws, padding, dilated)
    return Window(padding, height, axis(draws, padding, dilated))
