"""The table of operators, family by family."""

from operators import binary, conv

TABLE = [
    *conv.OPERATORS,
    *binary.OPERATORS,
]
