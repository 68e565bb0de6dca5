"""Files of a case: `NAME.tflite`, `NAME.bin`, and a line of `index.tsv`.

`NAME.bin` holds, run by run, the little-endian bytes of all inputs and then of all outputs.
Columns of the index: name, kind, number of runs, inputs, outputs, note. Inputs and outputs are
`dtype:2x3`, joined by commas.
"""

import pathlib

HEADER = "name\tkind\truns\tinputs\toutputs\tnote\n"


def write_case(folder, name, model_bytes, inputs, outputs):
    """Writes model and numbers."""
    folder = pathlib.Path(folder)
    (folder / f"{name}.tflite").write_bytes(model_bytes)
    with open(folder / f"{name}.bin", "wb") as file:
        for run in zip(inputs, outputs):
            for side in run:
                for array in side:
                    file.write(array.tobytes())


def row(name, kind, inputs, outputs, note):
    """The line of the index."""
    columns = [name, kind, str(len(inputs)), specs(inputs[0]), specs(outputs[0]), note]
    return "\t".join(columns)


def specs(arrays):
    """Types and shapes."""
    return ",".join(f"{array.dtype}:{'x'.join(map(str, array.shape))}" for array in arrays)


def write_index(folder, rows):
    """Writes the index; it comes last, so a folder that has one is whole."""
    (pathlib.Path(folder) / "index.tsv").write_text(HEADER + "".join(line + "\n" for line in rows))
