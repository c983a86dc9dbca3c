"""A peer's process: reads requests and writes answers, one JSON object a line (see ../protocol.ts).

A peer is a class with

    about                       what runs, as text
    open(case, inputs, edges, weights, learning_rate)
    results()                   {name: array} of the first run: `output`, or `loss`, `weight.NAME` and `gradient.NAME`
    step()                      one run, over when it returns; gives the loss when training
"""
import json
import math
import os
import sys
import time
from pathlib import Path

import numpy as np

DTYPES = {"F32": np.float32, "I32": np.int32}


def threads():
    return int(sys.argv[sys.argv.index("--threads") + 1])


def read_arrays(path):
    """Reads a safetensors file: the length of the header, the header in JSON, raw numbers."""
    raw = Path(path).read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        arrays[name] = np.frombuffer(raw[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
    return arrays


def write_arrays(path, arrays):
    header, body, end = {}, [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array, np.float32).tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(np.shape(array)),
            "data_offsets": [end, end + len(data)],
        }
        body.append(data)
        end += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(len(text).to_bytes(8, "little") + text + b"".join(body))


def padded(values, counts):
    """[N, F] of a ragged batch to [G, longest, F], zeros behind the shorter ones."""
    result = np.zeros((len(counts), max(counts), values.shape[1]), np.float32)
    first = 0
    for graph, count in enumerate(counts):
        result[graph, :count] = values[first : first + count]
        first += count
    return result


def masks(counts):
    """Which atoms of a padded batch exist, [G, n, 1], and which pairs of different atoms, [G, n, n, 1]."""
    atoms = np.arange(max(counts))[None, :] < np.asarray(counts)[:, None]
    pairs = atoms[:, :, None] & atoms[:, None, :] & ~np.eye(atoms.shape[1], dtype=bool)
    return atoms[..., None].astype(np.float32), pairs[..., None].astype(np.float32)


def run(peer, seconds):
    peer.step()
    milliseconds = []
    end = time.perf_counter() + seconds
    while not milliseconds or time.perf_counter() < end:
        start = time.perf_counter()
        loss = peer.step()
        milliseconds.append((time.perf_counter() - start) * 1e3)
        if loss is not None and not math.isfinite(loss):
            raise ArithmeticError("the loss is not finite any more")
    return milliseconds


def answer(peer, request):
    if request["op"] == "open":
        folder = Path(request["folder"])
        inputs, edges, weights = (
            read_arrays(folder / f"{name}.safetensors") for name in ("inputs", "edges", "weights")
        )
        peer.open(request["case"], inputs, edges, weights, request["learningRate"])
        return {"about": peer.about}
    if request["op"] == "check":
        write_arrays(request["file"], peer.results())
        return {}
    return {"milliseconds": run(peer, request["seconds"])}


def serve(peer):
    # Whatever a library prints goes to the error stream; answers have the output to themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            reply = answer(peer, json.loads(line))
        except Exception as error:  # noqa: BLE001: the bench is told, whatever it is
            reply = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()
