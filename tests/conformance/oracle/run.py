"""Runs models by `tflite-micro`, the reference."""

import ctypes

import numpy as np
from tflite_micro import runtime

from draws import Draws
from writer import ARRAYS

ARENA = 1 << 20
TURNS = 4
M_PERTURB = -6  # glibc's malloc.h: new memory holds the complement of a byte


def samples(model, draws, turns=TURNS):
    """Numbers for all inputs of a model, for several runs in a row."""
    return [[numbers(port, draws, turn) for port in model.main.inputs] for turn in range(turns)]


def numbers(port, draws, turn):
    """Numbers for one input."""
    draw = port.draw or Draws.numbers
    data = draw(draws, port.shape, port.dtype, turn)
    return np.asarray(data).astype(ARRAYS[port.dtype], order="C").reshape(port.shape)


def determined_runs(model_bytes, inputs, count):
    """The outputs of each run, which must not depend on what memory held before."""
    libc = ctypes.CDLL(None)
    results = []
    for fill in (0x55, 0xAA):
        libc.mallopt(M_PERTURB, fill)
        results.append(all_runs(interpreter(model_bytes), inputs, count))
    if as_bytes(results[0]) != as_bytes(results[1]):
        raise ValueError("the result depends on what memory held before")
    return results[0]


def as_bytes(runs):
    """All numbers of all runs."""
    return b"".join(array.tobytes() for arrays in runs for array in arrays)


def interpreter(model_bytes, arena=ARENA):
    """The reference with a model. Raises if it does not take the model."""
    return runtime.Interpreter.from_bytes(model_bytes, arena_size=arena)


def all_runs(reference, inputs, count):
    """The first `count` outputs of each run; state stays between runs."""
    results = []
    for arrays in inputs:
        for index, array in enumerate(arrays):
            reference.set_input(array, index)
        reference.invoke()
        results.append([np.array(reference.get_output(index)) for index in range(count)])
    return results
