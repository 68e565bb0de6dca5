#!/usr/bin/env python3
"""What `tflite-micro` computes for whole models.

    models.py --out FOLDER --data FOLDER [--runs 1000] [--only kws_dscnn]

runs every `.tflite` file below `DATA/models` on real samples of `DATA/calib`, quantized as the
file says, and on random numbers. The results lie in a folder per model, as `generate.py` writes
them.
"""

import argparse
import concurrent.futures
import os
import pathlib
import zlib

import numpy as np

import run
import store

SAMPLES = ["eval_x.npy", "eval_x_u8.npy", "calib_x.npy"]


def real_samples(folder, shape, most):
    """Samples in the range that the model was trained on; bytes are images."""
    whole = calibration_top(folder)
    found = []
    for name in SAMPLES:
        if (folder / name).exists():
            array = np.load(folder / name)
            scale = 1 / 255 if array.dtype == np.uint8 and whole <= 2 else 1
            found.append(array.reshape(len(array), -1).astype(np.float32) * np.float32(scale))
    count = int(np.prod(shape))
    found = [array for array in found if array.shape[1] == count]
    return np.concatenate(found)[:most] if found else np.zeros((0, count), np.float32)


def calibration_top(folder):
    """The greatest number of the calibration samples."""
    path = folder / "calib_x.npy"
    return np.load(path).max() if path.exists() else 1


def quantized(samples, details):
    """Samples as the input of the model takes them."""
    if details["dtype"] == np.float32:
        return samples
    limits = np.iinfo(details["dtype"])
    parameters = details["quantization_parameters"]
    steps = np.round(samples / parameters["scales"][0]) + parameters["zero_points"][0]
    return np.clip(steps, limits.min, limits.max).astype(details["dtype"])


def random_samples(rng, details, real, count):
    """Numbers over the whole range, first its ends; floats like the real ones but wilder."""
    size = int(np.prod(details["shape"]))
    if details["dtype"] == np.float32:
        spread = 2 * real.std() if real.size else 1.0
        middle = real.mean() if real.size else 0.0
        return (rng.normal(size=(count, size)) * spread + middle).astype(np.float32)
    limits = np.iinfo(details["dtype"])
    data = rng.integers(limits.min, limits.max + 1, (count, size))
    data[:2] = [[limits.min], [limits.max]]
    return data.astype(details["dtype"])


def measure(path, data, out, runs):
    """Writes a case; returns its folder and line of the index."""
    model = path.read_bytes()
    interpreter = run.interpreter(model, max(run.ARENA, 10 * len(model)))
    details = interpreter.get_input_details(0)
    rng = np.random.default_rng(zlib.crc32(path.stem.encode()))
    real = real_samples(data / "calib" / path.parent.name, details["shape"], runs // 2)
    samples = [quantized(real, details)]
    samples.append(random_samples(rng, details, real, runs - len(real)))
    inputs = [[row.reshape(details["shape"])] for row in np.concatenate(samples)]
    outputs = run.all_runs(interpreter, inputs, 1)
    folder = out / path.parent.name
    folder.mkdir(parents=True, exist_ok=True)
    store.write_case(folder, path.stem, model, inputs, outputs)
    note = f"{len(real)} of {runs} inputs are real"
    return folder, store.row(path.stem, np.dtype(details["dtype"]).name, inputs, outputs, note)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="models and samples")
    parser.add_argument("--runs", type=int, default=1000, help="inputs of each model")
    parser.add_argument("--only", default="", help="folders of models, joined by commas")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    return parser.parse_args()


def main():
    """Runs all models."""
    options = arguments()
    only = [name for name in options.only.split(",") if name]
    paths = sorted(options.data.glob("models/*/*.tflite"))
    paths = [path for path in paths if not only or path.parent.name in only]
    rows = {}
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        settings = options.data, options.out, options.runs
        jobs = [pool.submit(measure, path, *settings) for path in paths]
        for done in jobs:
            folder, row = done.result()
            rows.setdefault(folder, []).append(row)
            print("\t".join(row.split("\t")[:2] + row.split("\t")[-1:]))
    for folder, lines in rows.items():
        store.write_index(folder, lines)


if __name__ == "__main__":
    main()
