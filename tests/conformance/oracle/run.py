"""Runs models by `tflite-micro`, the reference."""

import numpy as np
from tflite_micro import runtime

from draws import Draws
from writer import ARRAYS

ARENA = 4 << 20
TURNS = 4


def samples(model, draws, turns=TURNS):
    """Numbers for all inputs of a model, for several runs in a row."""
    return [[numbers(port, draws, turn) for port in model.main.inputs] for turn in range(turns)]


def numbers(port, draws, turn):
    """Numbers for one input."""
    draw = port.draw or Draws.numbers
    data = draw(draws, port.shape, port.dtype, turn)
    return np.asarray(data).astype(ARRAYS[port.dtype], order="C").reshape(port.shape)


def outputs(model_bytes, inputs, count, arena=ARENA):
    """The outputs of each run; state stays between runs. Raises if the reference refuses."""
    interpreter = runtime.Interpreter.from_bytes(model_bytes, arena_size=arena)
    results = []
    for run in inputs:
        for index, array in enumerate(run):
            interpreter.set_input(array, index)
        interpreter.invoke()
        results.append([np.array(interpreter.get_output(index)) for index in range(count)])
    return results
