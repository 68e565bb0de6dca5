#!/usr/bin/env python3
"""Random models of one operator each, with what `tflite-micro` computes for them.

    generate.py --out FOLDER [--only ADD,CONV_2D] [--kinds int8,int16] [--times 10 --seed 1]

writes a folder per operator (see `store.py`) and a table of how many cases the reference took and
how many it refused. Needs the packages tflite-micro, flatbuffers and numpy.
"""

import argparse
import functools
import os
import pathlib
import shutil

import pool
import run
import store
from draws import Draws
from operators import TABLE


def attempt(folder, operator, kind, seed, index):
    """Writes a case and returns its line of the index."""
    name = f"{kind}_{index:03}"
    draws = Draws(f"{operator.name}/{name}{seed}", extreme=kind.endswith("extreme"))
    model = operator.make(draws, kind.removesuffix("-extreme"))
    inputs = run.samples(model, draws, operator.turns)
    model_bytes = model.bytes()
    reference = model.reference_bytes() if model.shrunk else model_bytes
    outputs = run.determined_runs(reference, inputs, len(model.main.outputs))
    store.write_case(folder, name, model_bytes, inputs, outputs)
    return store.row(name, kind, inputs, outputs, model.note)


def job(options, operator, kind, count):
    """All cases of one kind of an operator."""
    folder = options.out / operator.name
    count *= options.times
    return pool.Job(
        name=f"{operator.name}/{kind}",
        attempt=functools.partial(attempt, folder, operator, kind, options.seed),
        wanted=count,
        limit=3 * count,
    )


def table(jobs):
    """How many cases the reference took and refused, and the first reason it gave."""
    lines = ["| operator | type | cases | refused by the reference | first reason |"]
    lines.append("| --- | --- | ---: | ---: | --- |")
    for done in jobs:
        name, kind = done.name.split("/")
        reason = done.refusals[0] if done.refusals else ""
        lines.append(f"| {name} | {kind} | {len(done.rows)} | {len(done.refusals)} | {reason} |")
    lines.append(f"\n{sum(len(done.rows) for done in jobs)} cases\n")
    return "\n".join(lines)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    parser.add_argument("--only", default="", help="operators, joined by commas")
    parser.add_argument("--kinds", default="", help="types, joined by commas")
    parser.add_argument("--times", type=int, default=1, help="how many times more cases")
    parser.add_argument("--seed", default="", help="other random numbers")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    return parser.parse_args()


def main():
    """Writes all cases."""
    options = arguments()
    only = [name for name in options.only.split(",") if name]
    kinds = [kind for kind in options.kinds.split(",") if kind]
    unknown = set(only) - {operator.name for operator in TABLE}
    if unknown:
        raise SystemExit(f"no such operators: {', '.join(sorted(unknown))}")
    jobs = []
    for operator in TABLE:
        if only and operator.name not in only:
            continue
        folder = options.out / operator.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        jobs += [job(options, operator, kind, count) for kind, count in operator.counts(kinds)]
    pool.run(jobs, options.jobs)
    for folder in {done.name.split("/")[0] for done in jobs}:
        rows = [row for done in jobs if done.name.split("/")[0] == folder for row in done.rows]
        store.write_index(options.out / folder, rows)
    (options.out / "table.md").write_text(table(jobs))
    print(table(jobs))


if __name__ == "__main__":
    main()
