"""The table of operators, family by family."""

from operators import binary, conv, dense, pooling, reduce, softmax, unary

TABLE = [
    *conv.OPERATORS,
    *dense.OPERATORS,
    *pooling.OPERATORS,
    *reduce.OPERATORS,
    *binary.OPERATORS,
    *softmax.OPERATORS,
    *unary.OPERATORS,
]
