"""What the table of operators holds."""

import dataclasses

import run

COUNTS = {"int8": 40, "int16": 40, "int4": 20, "float32": 16}
COUNTS |= {"int8-int8": 40, "int16-int16": 40, "int8-int16": 40, "int16-int8": 40}
EXTREMES = 20
OTHERS = 8


@dataclasses.dataclass
class Operator:
    """An operator: `make(draws, kind)` writes a random model."""

    name: str
    make: object
    kinds: str
    turns: int = run.TURNS

    def counts(self, only):
        """Kinds with the number of cases wanted of each."""
        kinds = [kind for kind in self.kinds.split() if not only or kind in only]
        return [(kind, count(kind)) for kind in kinds]


def count(kind):
    """Number of cases wanted."""
    return EXTREMES if kind.endswith("extreme") else COUNTS.get(kind, OTHERS)
