"""Every 8-bit activation of quantized ONNX models, computed by onnxruntime without optimisations.

Usage: onnx_tensors.py --out FOLDER [--samples N] CASE
CASE is a folder with `model` (the path of the model) and `inputs.bin` (samples one behind the other, in the element type
of the model's input). FOLDER gets `tensors.tsv` (name, element type, shape), `tensors.bin` (for each of the first N
samples, each tensor in that order), and `output.bin` (for every sample, the first output of the model).
"""

import argparse
import pathlib

import numpy as np
import onnx
import onnxruntime

BYTES = {onnx.TensorProto.INT8: np.int8, onnx.TensorProto.UINT8: np.uint8}
ELEMENTS = {"tensor(float)": np.float32, "tensor(int8)": np.int8, "tensor(uint8)": np.uint8}


def watched(path):
    """The model with all computed 8-bit tensors as outputs, and their names."""
    model = onnx.load(path)
    known = {tensor.name for tensor in model.graph.initializer}
    outputs = {output.name: output for output in model.graph.output}
    types = types_of(model)
    names = []
    for node in model.graph.node:
        for name in node.output:
            constant = all(not i or i in known for i in node.input)
            if constant:
                known.add(name)
            elif types.get(name) in BYTES:
                names.append(name)
                if name not in outputs:
                    model.graph.output.append(
                        onnx.helper.make_tensor_value_info(name, types[name], None)
                    )
    return model, names


def types_of(model):
    """Element types of all tensors: operators on integers make what their zero points are."""
    types = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    types |= {port.name: port.type.tensor_type.elem_type for port in model.graph.input}
    for node in model.graph.node:
        places = {"QuantizeLinear": 2, "QLinearConv": 7, "QLinearMatMul": 7, "QLinearAdd": 7, "QLinearMul": 7,
                  "QLinearAveragePool": 4, "QLinearGlobalAveragePool": 4, "QLinearSoftmax": 4, "QGemm": 8,
                  "QLinearSigmoid": 4, "QLinearLeakyRelu": 4, "QLinearConcat": 1}
        place = places.get(node.op_type)
        if place is not None and place < len(node.input):
            types[node.output[0]] = types.get(node.input[place])
        elif node.op_type == "Constant":
            types[node.output[0]] = node.attribute[0].t.data_type
        elif node.op_type in ("Reshape", "Transpose", "MaxPool", "Flatten", "Squeeze", "Slice", "Identity"):
            types[node.output[0]] = types.get(node.input[0])
    return types


def run(case, out, count):
    path = (case / "model").read_text().strip()
    model, names = watched(path)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    port = session.get_inputs()[0]
    shape = [dim if isinstance(dim, int) else 1 for dim in port.shape]
    samples = np.fromfile(case / "inputs.bin", ELEMENTS[port.type]).reshape([-1, *shape])
    first = session.get_outputs()[0].name
    out.mkdir(parents=True)
    with open(out / "tensors.bin", "wb") as tensors, open(out / "output.bin", "wb") as output:
        for index, sample in enumerate(samples):
            wanted = names if index < count else []
            made = session.run([first, *wanted], {port.name: sample})
            made[0].tofile(output)
            for result in made[1:]:
                result.tofile(tensors)
            if index == 0:
                results = made
    rows = [
        f"{name}\t{result.dtype}\t{','.join(map(str, result.shape))}\n"
        for name, result in zip(names, results[1:])
    ]
    (out / "tensors.tsv").write_text("".join(rows))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("case", type=pathlib.Path)
    arguments = parser.parse_args()
    run(arguments.case, arguments.out, arguments.samples)


if __name__ == "__main__":
    main()
