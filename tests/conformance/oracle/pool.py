"""Jobs in processes of their own. A job that aborts goes on behind the case that it died of."""

import dataclasses
import multiprocessing
import os
import sys
import tempfile
from multiprocessing import connection

PATIENCE = 30.0


@dataclasses.dataclass
class Job:
    """Cases of one kind of an operator.

    `attempt(index)` writes a case and returns its line of the index.
    """

    name: str
    attempt: object
    wanted: int
    limit: int
    rows: list = dataclasses.field(default_factory=list)
    refusals: list = dataclasses.field(default_factory=list)
    tried: int = 0

    def done(self):
        """Whether there are enough cases, or no hope of any."""
        hopeless = not self.rows and len(self.refusals) >= min(16, self.limit)
        return len(self.rows) >= self.wanted or self.tried >= self.limit or hopeless


def work(job, pipe):
    """Attempts cases until the job is done; what is printed is the reason of a refusal."""
    with tempfile.TemporaryFile() as log:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(log.fileno(), stream.fileno())
        while not job.done():
            log.seek(0)
            log.truncate()
            row, reason = None, ""
            try:
                row = job.attempt(job.tried)
            except (RuntimeError, ValueError, IndexError) as error:
                log.seek(0)
                lines = log.read().decode(errors="replace").splitlines()
                reason = lines[0] if lines else str(error)
            pipe.send((row, reason))
            record(job, row, reason)


def record(job, row, reason):
    """Notes the outcome of an attempt."""
    job.tried += 1
    if row is None:
        job.refusals.append(reason)
    else:
        job.rows.append(row)


def start(job):
    """Starts a process for what is left of a job."""
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(job, writer), daemon=True)
    process.start()
    writer.close()
    return reader, (process, job)


def run(jobs, processes):
    """Runs all jobs."""
    waiting = list(reversed(jobs))
    running = {}
    while waiting or running:
        while waiting and len(running) < processes:
            running.update([start(waiting.pop())])
        ready = connection.wait(list(running), PATIENCE)
        for reader in ready or list(running):
            process, job = running[reader]
            try:
                record(job, *(reader.recv() if ready else kill(process)))
            except EOFError:
                running.pop(reader)
                process.join()
                if not job.done():
                    record(job, None, "the reference aborts")
                    waiting.append(job)


def kill(process):
    """Ends a process that does not answer; its job goes on like one that aborted."""
    process.kill()
    raise EOFError
