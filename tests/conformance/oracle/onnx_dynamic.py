"""Quantizes the weights of a float ONNX model, and its activations at run time, by onnxruntime.

Usage: onnx_dynamic.py --out FOLDER MODEL
FOLDER gets a file of the same name.
"""

import argparse
import logging
import pathlib

from onnxruntime.quantization import QuantType, quantize_dynamic


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("model", type=pathlib.Path)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    arguments.out.mkdir(parents=True, exist_ok=True)
    quantize_dynamic(
        arguments.model, arguments.out / arguments.model.name, weight_type=QuantType.QInt8
    )


if __name__ == "__main__":
    main()
