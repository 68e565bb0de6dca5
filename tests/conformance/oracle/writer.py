"""Writes TFLite models, by the object API of the schema that `tflite-micro` brings along."""

import copy
import dataclasses

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

ARRAYS = {
    "float32": np.float32,
    "float16": np.float16,
    "int4": np.int8,
    "int8": np.int8,
    "uint8": np.uint8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "bool": np.bool_,
}


@dataclasses.dataclass
class Quant:
    """Scales and zero points: numbers, or one per channel of `axis`."""

    scale: float | np.ndarray
    zero: int = 0
    axis: int = 0

    def table(self):
        """The table of the schema."""
        scales = np.atleast_1d(np.asarray(self.scale, np.float32))
        zeros = np.broadcast_to(np.asarray(self.zero, np.int64), scales.shape)
        table = schema.QuantizationParametersT()
        table.scale = scales
        table.zeroPoint = np.ascontiguousarray(zeros)
        table.quantizedDimension = self.axis
        return table

    def reals(self, data):
        """What integers stand for."""
        scales = np.float32(self.scale)
        if scales.ndim:
            behind = np.ndim(data) - 1 - self.axis
            scales = scales.reshape(-1, *[1] * behind)
        return (np.float32(data) - np.float32(self.zero)) * scales


@dataclasses.dataclass
class Shrunk:
    """A tensor of floats that the file holds in a smaller type, and what widens it."""

    table: object
    floats: np.ndarray
    operator: object = None


@dataclasses.dataclass
class Port:
    """An input or output; `draw(draws, shape, dtype, turn)` makes its numbers."""

    tensor: int
    shape: tuple
    dtype: str
    draw: object = None


class AlignedBuffer(schema.BufferT):
    """A buffer whose bytes begin at a multiple of 16, as the schema asks."""

    def Pack(self, builder):  # noqa: N802, the name is the schema's
        if self.data is None:
            return super().Pack(builder)
        data = self.data.tobytes()
        builder.StartVector(1, len(data), 16)
        builder.head -= len(data)
        builder.Bytes[builder.head : builder.head + len(data)] = data
        vector = builder.EndVector()
        schema.BufferStart(builder)
        schema.BufferAddData(builder, vector)
        return schema.BufferEnd(builder)


class Graph:
    """A subgraph being written."""

    def __init__(self, model):
        self.model = model
        self.inputs = []
        self.outputs = []
        self.table = schema.SubGraphT()
        self.table.tensors = []
        self.table.operators = []

    def tensor(self, shape, dtype, quant=None, data=None, variable=False):
        """Adds a tensor and returns its index."""
        table = schema.TensorT()
        table.shape = np.asarray(shape, np.int32)
        table.type = getattr(schema.TensorType, dtype.upper())
        table.buffer = self.model.buffer(data, dtype)
        table.name = f"t{len(self.table.tensors)}"
        table.hasRank = True
        table.isVariable = variable
        table.quantization = quant.table() if quant else None
        self.table.tensors.append(table)
        return len(self.table.tensors) - 1

    def input(self, shape, dtype, quant=None, draw=None):
        """Adds an input whose numbers `draw` makes, any number by default."""
        tensor = self.tensor(shape, dtype, quant)
        self.inputs.append(Port(tensor, tuple(shape), dtype, draw))
        return tensor

    def output(self, shape, dtype, quant=None):
        """Adds an output."""
        tensor = self.tensor(shape, dtype, quant)
        self.expose(tensor, shape, dtype)
        return tensor

    def expose(self, tensor, shape, dtype):
        """Makes a tensor an output."""
        self.outputs.append(Port(tensor, tuple(shape), dtype))

    def constant(self, data, dtype, quant=None):
        """Adds a tensor with numbers."""
        return self.tensor(np.shape(data), dtype, quant, np.asarray(data))

    def halves(self, data):
        """Adds floats that the file holds as halves and DEQUANTIZE widens."""
        data = np.float16(data)
        small = self.constant(data, "float16")
        wide = self.tensor(data.shape, "float32")
        self.operator("DEQUANTIZE", [small], [wide], table="Dequantize")
        widening = self.table.operators[-1]
        self.model.shrunk.append(Shrunk(self.table.tensors[wide], np.float32(data), widening))
        return wide

    def narrow(self, data, quant):
        """Adds integers as weights of an operator on floats."""
        tensor = self.constant(data, "int8", quant)
        self.model.shrunk.append(Shrunk(self.table.tensors[tensor], quant.reals(data)))
        return tensor

    def operator(self, name, inputs, outputs, **options):
        """Adds an operator; `options` are fields of its options table."""
        table = schema.OperatorT()
        table.opcodeIndex = self.model.code(name)
        table.inputs = np.asarray(inputs, np.int32)
        table.outputs = np.asarray(outputs, np.int32)
        if kind := options.pop("table", None):
            set_options(table, kind, options)
        if intermediates := options.pop("intermediates", None):
            table.intermediates = np.asarray(intermediates, np.int32)
        self.table.operators.append(table)

    def pack(self):
        """The table of the schema."""
        self.table.inputs = np.asarray([port.tensor for port in self.inputs], np.int32)
        self.table.outputs = np.asarray([port.tensor for port in self.outputs], np.int32)
        return self.table


def set_options(table, kind, options):
    """Fills the options table named `kind`."""
    table.builtinOptions = getattr(schema, f"{kind}OptionsT")()
    table.builtinOptionsType = getattr(schema.BuiltinOptions, f"{kind}Options")
    for field in set(options) - {"intermediates"}:
        if field not in vars(table.builtinOptions):
            raise AttributeError(f"{kind}Options has no {field}")
        setattr(table.builtinOptions, field, options.pop(field))


class Model:
    """A model being written; `note` says in words what is special about it."""

    def __init__(self):
        self.buffers = [schema.BufferT()]
        self.codes = []
        self.graphs = [Graph(self)]
        self.shrunk = []
        self.note = ""

    @property
    def main(self):
        """The first subgraph."""
        return self.graphs[0]

    def graph(self):
        """Adds a subgraph."""
        self.graphs.append(Graph(self))
        return self.graphs[-1]

    def buffer(self, data, dtype):
        """Adds a buffer; 0 stands for none."""
        if data is None:
            return 0
        buffer = AlignedBuffer()
        data = np.ascontiguousarray(data).astype(ARRAYS[dtype])
        buffer.data = packed_nibbles(data) if dtype == "int4" else data
        self.buffers.append(buffer)
        return len(self.buffers) - 1

    def code(self, name):
        """The index of an operator code."""
        if name not in self.codes:
            self.codes.append(name)
        return self.codes.index(name)

    def bytes(self):
        """The file."""
        table = schema.ModelT()
        table.version = 3
        table.description = ""
        table.operatorCodes = [operator_code(name) for name in self.codes]
        table.subgraphs = [graph.pack() for graph in self.graphs]
        table.buffers = self.buffers
        builder = flatbuffers.Builder(4096)
        builder.Finish(table.Pack(builder), b"TFL3")
        return bytes(builder.Output())


    def reference_bytes(self):
        """The file with floats where it has halves or weights of one byte among floats.

        The reference takes neither of them.
        """
        model = copy.deepcopy(self)
        for shrunk in model.shrunk:
            shrunk.table.type = schema.TensorType.FLOAT32
            shrunk.table.quantization = None
            shrunk.table.buffer = model.buffer(shrunk.floats, "float32")
            operators = model.main.table.operators
            operators[:] = [table for table in operators if table is not shrunk.operator]
        return model.bytes()


def operator_code(name):
    """The table of an operator; codes above 127 stand in the newer field only."""
    table = schema.OperatorCodeT()
    table.builtinCode = getattr(schema.BuiltinOperator, name)
    table.deprecatedBuiltinCode = min(table.builtinCode, 127)
    table.version = 1
    return table


def packed_nibbles(data):
    """Two 4-bit integers per byte, the first in the lower half."""
    flat = data.ravel().astype(np.uint8) & 15
    flat = np.append(flat, np.zeros(flat.size % 2, np.uint8))
    return flat[0::2] | flat[1::2] << 4
