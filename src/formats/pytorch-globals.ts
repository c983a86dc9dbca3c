/** The classes and functions of PyTorch that a file of tensors and plain data names. */

import { ELEMENTS, type ElementType } from './array.ts';
import { FormatError } from './error.ts';
import type { PickleGlobal } from './pickle-machine.ts';
import { describe, isCount, isPickleArray, isShape, type PickleValue } from './pickle-value.ts';
import { makeTensor, type Tensors, TYPE_OF_STORAGE } from './pytorch-tensors.ts';

/** Element types that can be named as values, by all of their names; tensors of those of the last line cannot be read. */
const DTYPES = [
  'float64 double float32 float float16 half bfloat16 bool',
  'int64 long int32 int int16 short int8 uint8 uint16 uint32 uint64',
  'complex32 complex64 cfloat complex128 cdouble float8_e4m3fn float8_e5m2 qint8 quint8 qint32',
].flatMap((names) => names.split(' '));
const LAYOUTS = ['strided', 'sparse_coo', 'sparse_csr', 'sparse_csc', 'sparse_bsr', 'sparse_bsc'];

const SAVE_WEIGHTS = "torch.save(model.state_dict(), 'weights.pt')";

/** By full name, as the machine looks them up. */
export function torchGlobals(tensors: Tensors): [string, PickleGlobal | string][] {
  const parameter: PickleGlobal = { call: ([data]) => expectTensor(data) };
  return [
    ...[...TYPE_OF_STORAGE.keys()].map((name): [string, PickleGlobal] => [name, {}]),
    ...[...DTYPES, ...LAYOUTS].map((name): [string, string] => [`torch.${name}`, `torch.${name}`]),
    ['torch.Size', { call: ([sizes]) => expectSizes(sizes) }],
    ['torch.device', { call: ([type, index]) => expectText(type) + (isCount(index) ? `:${index}` : '') }],
    ['torch.serialization._get_layout', { call: ([name]) => expectText(name) }],
    ['torch._utils._rebuild_tensor', { call: (args) => makeTensor(tensors, args) }],
    [
      'torch._utils._rebuild_tensor_v2',
      {
        call(args) {
          checkMetadata(args[6]);
          return makeTensor(tensors, args);
        },
      },
    ],
    [
      'torch._utils._rebuild_tensor_v3',
      {
        call(args) {
          checkMetadata(args[7]);
          return makeTensor(tensors, args, parseDtype(args[6]));
        },
      },
    ],
    ['torch._utils._rebuild_parameter', parameter],
    ['torch._utils._rebuild_parameter_with_state', parameter],
  ];
}

/** Why a name outside the table is refused, and what to do. */
export function explainTorchRefusal(name: string): string {
  if (/^torch\.(cuda\.)?\w+Storage$/.test(name)) {
    return `holds elements that cannot be read; expected one of ${Object.keys(ELEMENTS).join(', ')}`;
  }
  if (/^torch\._utils\._rebuild_/.test(name)) {
    return 'makes a kind of tensor that cannot be read; expected dense tensors';
  }
  if (/^(torch\.nn|__main__)\./.test(name)) {
    return (
      'is a class of a program: the file holds a whole model, which only that program can read. ' +
      `Load it there and save its weights: ${SAVE_WEIGHTS}`
    );
  }
  return (
    'is refused; expected plain data and tensors. ' +
    `If it is part of a whole model, load that in its own program and save its weights: ${SAVE_WEIGHTS}`
  );
}

/** A complex or negative view has a flag here, and other numbers than its storage. */
function checkMetadata(metadata: PickleValue | undefined): void {
  for (const flag of ['conj', 'neg']) {
    if (metadata instanceof Map && metadata.get(flag) === true) {
      throw new FormatError(`a tensor has the flag ${flag}, which cannot be read; save a clone of it`);
    }
  }
}

function parseDtype(dtype: PickleValue | undefined): ElementType {
  const name = typeof dtype === 'string' ? dtype.replace(/^torch\./, '') : '';
  if (!Object.hasOwn(ELEMENTS, name)) {
    throw new FormatError(
      `a tensor has elements of ${describe(dtype)}; expected one of ${Object.keys(ELEMENTS).join(', ')}`,
    );
  }
  return name as ElementType;
}

function expectTensor(value: PickleValue | undefined): PickleValue {
  if (!isPickleArray(value)) throw new FormatError(`a parameter is ${describe(value)}; expected a tensor`);
  return value;
}

function expectText(value: PickleValue | undefined): string {
  if (typeof value !== 'string') throw new FormatError(`is made of ${describe(value)}; expected a text`);
  return value;
}

function expectSizes(value: PickleValue | undefined): number[] {
  if (!isShape(value))
    throw new FormatError(`is made of ${describe(value)}; expected up to 64 whole numbers`);
  return value;
}
