"""What the table of operators holds."""

import dataclasses

import run

COUNTS = {"int8": 40, "int16": 40, "int4": 20, "float32": 16}
COUNTS |= {"int8-extreme": 20, "int16-extreme": 20}
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
        return [(kind, COUNTS.get(kind, OTHERS)) for kind in kinds]
