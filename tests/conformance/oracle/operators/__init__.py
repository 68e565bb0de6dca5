"""The table of operators, family by family."""

from operators import (
    binary,
    conv,
    dense,
    indexing,
    joining,
    logic,
    moving,
    padding,
    pooling,
    reduce,
    reshaping,
    scaling,
    slicing,
    softmax,
    spatial,
    unary,
)

TABLE = [
    *conv.OPERATORS,
    *dense.OPERATORS,
    *pooling.OPERATORS,
    *reduce.OPERATORS,
    *binary.OPERATORS,
    *softmax.OPERATORS,
    *unary.OPERATORS,
    *logic.OPERATORS,
    *reshaping.OPERATORS,
    *joining.OPERATORS,
    *padding.OPERATORS,
    *slicing.OPERATORS,
    *moving.OPERATORS,
    *indexing.OPERATORS,
    *spatial.OPERATORS,
    *scaling.OPERATORS,
]
