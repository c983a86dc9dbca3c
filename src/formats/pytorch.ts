/**
 * PyTorch checkpoints: what `torch.save` writes. Since PyTorch 1.6 that is a zip archive with a pickle, `data.pkl`, and
 * an entry `data/KEY` for each storage, all in one folder of any name; before, pickles and storages one after the
 * other. Tensors and plain data are read; a file that names anything else of Python, such as the class of a whole
 * model, is refused. Nothing of the file is ever run.
 * Specification: PyTorch, torch/serialization.py and torch/_utils.py.
 */

import { FormatError } from './error.ts';
import { type Charge, startBudget } from './pickle-budget.ts';
import { plainGlobals } from './pickle-globals.ts';
import type { PickleRules } from './pickle-machine.ts';
import { numpyGlobals } from './pickle-numpy.ts';
import { runPickle } from './pickle-run.ts';
import { decodeUtf8 } from './pickle-text.ts';
import { describe, type PickleValue } from './pickle-value.ts';
import { explainTorchRefusal, torchGlobals } from './pytorch-globals.ts';
import { readLegacy } from './pytorch-legacy.ts';
import { fillTensors, loadStorage, startTensors, type Tensors } from './pytorch-tensors.ts';
import { readZip, type ZipEntry } from './zip.ts';

/**
 * Reads a checkpoint: {@link PickleValue} says what becomes of Python's objects, and `findStateDicts` finds the weights
 * in them. Tensors are row-major whatever their strides were; their data may be views of `bytes`. Devices, gradients'
 * flags and hooks are left out.
 * @throws FormatError for bytes that `torch.save` did not write, TorchScript, a class other than plain data and tensors
 *   (by its name), tensors that reach beyond their storage, and a file that asks for more memory than 64 MiB and
 *   16 bytes for each of its own, as tensors of stride 0 can.
 */
export function readPyTorch(bytes: Uint8Array): PickleValue {
  const charge = startBudget(bytes.length);
  const tensors = startTensors(charge);
  const rules: PickleRules = {
    globals: new Map([...plainGlobals(charge), ...numpyGlobals(charge), ...torchGlobals(tensors)]),
    loadPersistent: (id) => loadStorage(tensors, id),
    explainRefusal: explainTorchRefusal,
    charge,
  };
  if (startsWith(bytes, 'PK\x03\x04', 0)) return readArchive(bytes, rules, tensors);
  if (startsWith(bytes, 'ustar', 257)) {
    throw new FormatError(
      'pytorch: a tar archive of before PyTorch 0.2; load it in PyTorch and save it anew',
    );
  }
  return readLegacy(bytes, rules, tensors);
}

function readArchive(bytes: Uint8Array, rules: PickleRules, tensors: Tensors): PickleValue {
  const entries = new Map(readZip(bytes).map((entry) => [entry.name, entry]));
  const pickles = [...entries.keys()].filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    throw new FormatError(
      `pytorch: the zip archive has ${pickles.length} entries named data.pkl; expected one, as torch.save writes it`,
    );
  }
  const [pickle] = pickles as [string];
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (
    [...entries.keys()].some((name) => name === `${folder}constants.pkl` || name.startsWith(`${folder}code/`))
  ) {
    throw new FormatError(
      'pytorch: a TorchScript archive, which holds a program. Load it in PyTorch and save its weights: ' +
        "torch.save(torch.jit.load('model.pt').state_dict(), 'weights.pt')",
    );
  }
  const read = cachedReader(entries, rules.charge);
  const bigEndian = entries.has(`${folder}byteorder`) && isBigEndian(decodeUtf8(read(`${folder}byteorder`)));
  const { value } = runPickle(read(pickle), rules);
  fillTensors(tensors, (key) => read(`${folder}data/${key}`), bigEndian);
  return value;
}

/** Reads entries by name, each one once. */
function cachedReader(entries: Map<string, ZipEntry>, charge: Charge): (name: string) => Uint8Array {
  const contents = new Map<string, Uint8Array>();
  return (name) => {
    const known = contents.get(name);
    if (known !== undefined) return known;
    const entry = entries.get(name);
    if (entry === undefined) throw new FormatError(`pytorch: the zip archive has no entry ${name}`);
    charge(entry.size);
    const read = entry.read();
    contents.set(name, read);
    return read;
  };
}

function isBigEndian(order: string): boolean {
  if (order !== 'little' && order !== 'big') {
    throw new FormatError(`pytorch: the entry byteorder says ${describe(order)}; expected little or big`);
  }
  return order === 'big';
}

function startsWith(bytes: Uint8Array, text: string, at: number): boolean {
  return [...text].every((character, k) => bytes[at + k] === character.charCodeAt(0));
}
