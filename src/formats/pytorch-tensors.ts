/**
 * Tensors of a PyTorch file. A storage is a flat run of elements, named by a key; a tensor is a view of a storage: an
 * offset, a shape, and a stride for each dimension, all in elements. Where the bytes of a storage lie is known only
 * after the pickle in older files, so tensors are made without data first and filled when the pickle has been run.
 */

import { countElements, ELEMENTS, type ElementType, type TypedArray } from './array.ts';
import { FormatError } from './error.ts';
import { type Charge, COST } from './pickle-budget.ts';
import { copyElements } from './pickle-elements.ts';
import { setEntry } from './pickle-machine.ts';
import { extentOf, gather, isRowMajor } from './pickle-strided.ts';
import {
  describe,
  isCount,
  isPythonObject,
  isShape,
  type PickleArray,
  type PickleValue,
} from './pickle-value.ts';

/** The element type of each class of storage, with and without `torch.cuda`. */
export const TYPE_OF_STORAGE: ReadonlyMap<string, ElementType> = new Map([
  ['torch.storage.UntypedStorage', 'uint8'],
  ...(
    [
      ['Double', 'float64'],
      ['Float', 'float32'],
      ['Half', 'float16'],
      ['BFloat16', 'bfloat16'],
      ['Long', 'int64'],
      ['Int', 'int32'],
      ['Short', 'int16'],
      ['Char', 'int8'],
      ['Byte', 'uint8'],
      ['Bool', 'bool'],
      ['Untyped', 'uint8'],
    ] as const
  ).flatMap(([name, type]): [string, ElementType][] => [
    [`torch.${name}Storage`, type],
    [`torch.cuda.${name}Storage`, type],
  ]),
]);

/** Keys are numbers of up to 20 digits. Long ones would take time with every tensor. */
const MAX_KEY_LENGTH = 256;

/** A part of a storage, or all of it. */
interface StoragePart {
  key: string;
  type: ElementType;
  /** In elements, of the part within the whole. */
  offset: number;
  length: number;
  /** In elements, of the whole. */
  wholeLength: number;
}

/** A tensor to be filled. */
interface View {
  target: PickleArray;
  storage: StoragePart;
  offset: number;
  strides: number[];
}

export interface Tensors {
  /** Storages by the arrays that stand for them: a storage by itself reads as a one-dimensional tensor. */
  storages: Map<PickleValue, StoragePart>;
  views: View[];
  charge: Charge;
}

export function startTensors(charge: Charge): Tensors {
  return { storages: new Map(), views: [], charge };
}

/**
 * A storage, from its persistent id: the word `storage`, its class, its key, the device that it was on, its number
 * of elements; in files of old also, or None, the key, offset and length of a part of it.
 */
export function loadStorage(tensors: Tensors, id: PickleValue): PickleArray {
  const [kind, storageClass, key, , wholeLength, part] = Array.isArray(id) ? id : [id];
  const type = isPythonObject(storageClass) ? TYPE_OF_STORAGE.get(storageClass.python) : undefined;
  const isKey = typeof key === 'string' && key.length <= MAX_KEY_LENGTH;
  if (kind !== 'storage' || type === undefined || !isKey || !isCount(wholeLength)) {
    throw new FormatError(
      `a storage is named by ${describe(kind)}, ${describe(storageClass)}, ${describe(key)} and ` +
        `${describe(wholeLength)}; expected 'storage', a class of storages, a text of up to ${MAX_KEY_LENGTH} characters and a length`,
    );
  }
  const [, offset, length] = Array.isArray(part) ? part : [null, 0, wholeLength];
  if (!isCount(offset) || !isCount(length) || offset + length > wholeLength) {
    throw new FormatError(
      `storage ${key} has a part of ${describe(length)} elements from ${describe(offset)}; it has ${wholeLength}`,
    );
  }
  tensors.charge(COST.array);
  const target: PickleArray = { data: new Uint8Array(0), shape: [length], dtype: type };
  const storage = { key, type, offset, length, wholeLength };
  setEntry(tensors.storages, target, storage);
  tensors.views.push({ target, storage, offset: 0, strides: [1] });
  return target;
}

/** A tensor, from the arguments of torch._utils._rebuild_tensor; `type` is the storage's unless given. */
export function makeTensor(
  tensors: Tensors,
  [source, offset, shape, strides]: PickleValue[],
  type?: ElementType,
): PickleArray {
  const storage = tensors.storages.get(source ?? null);
  if (storage === undefined) throw new FormatError(`a tensor views ${describe(source)}; expected a storage`);
  if (!isShape(shape) || !isShape(strides) || shape.length !== strides.length || !isCount(offset)) {
    throw new FormatError(
      `a tensor of storage ${storage.key} has offset ${describe(offset)}, shape ${describe(shape)} and strides ` +
        `${describe(strides)}; expected whole numbers from 0, up to 64 dimensions and as many strides`,
    );
  }
  tensors.charge(COST.array);
  const target: PickleArray = {
    data: new Uint8Array(0),
    shape: [...shape],
    dtype: type ?? storage.type,
  };
  tensors.views.push({ target, storage, offset, strides: [...strides] });
  return target;
}

/**
 * Gives all tensors their data.
 * @param bytesOf The bytes of the storage with a key. @throws FormatError where there is none.
 * @param bigEndian The order of the bytes of an element.
 */
export function fillTensors(
  { views, charge }: Tensors,
  bytesOf: (key: string) => Uint8Array,
  bigEndian: boolean,
): void {
  /** By type and key, so that tensors of one storage share their elements. */
  const converted = new Map<string, TypedArray>();
  const elementsOf = (storage: StoragePart, type: ElementType): TypedArray => {
    const bytes = bytesOf(storage.key);
    const expected = storage.wholeLength * ELEMENTS[storage.type].bytes;
    if (bytes.length !== expected) {
      throw new FormatError(
        `pytorch: storage ${storage.key} has ${bytes.length} bytes; ${storage.wholeLength} elements of ` +
          `${storage.type} take ${expected}`,
      );
    }
    const name = `${type} ${storage.key}`;
    const elements = converted.get(name) ?? convert(bytes, type, bigEndian, charge);
    converted.set(name, elements);
    const scale = ELEMENTS[storage.type].bytes / ELEMENTS[type].bytes;
    return elements.subarray(storage.offset * scale, (storage.offset + storage.length) * scale);
  };
  for (const { target, storage, offset, strides } of views) {
    const { shape, dtype } = target;
    const where = `pytorch: a tensor of storage ${storage.key}`;
    const values = elementsOf(storage, dtype);
    const count = countElements(shape, where);
    if (count === 0) {
      // PyTorch lets the offset of an empty slice lie beyond the storage.
      target.data = values.subarray(0, 0);
      continue;
    }
    const end = offset + extentOf(shape, strides);
    if (end > values.length) {
      throw new FormatError(
        `${where} with shape [${shape.join(', ')}], strides [${strides.join(', ')}] and offset ${offset} ends at ` +
          `element ${end}; the storage has ${values.length}`,
      );
    }
    if (isRowMajor(shape, strides)) target.data = values.subarray(offset, offset + count);
    else {
      charge(count * values.BYTES_PER_ELEMENT);
      target.data = gather(values, offset, shape, strides, count);
    }
  }
}

/** All elements of a storage; bytes at the end that are no whole element are left out. */
function convert(bytes: Uint8Array, type: ElementType, bigEndian: boolean, charge: Charge): TypedArray {
  const { bytes: size, Array: Elements } = ELEMENTS[type];
  const count = Math.floor(bytes.length / size);
  const swap = bigEndian && size > 1;
  const widens = Elements.BYTES_PER_ELEMENT !== size;
  if (!swap && !widens && type !== 'bool' && bytes.byteOffset % size === 0) {
    return new Elements(bytes.buffer as ArrayBuffer, bytes.byteOffset, count);
  }
  charge(count * Elements.BYTES_PER_ELEMENT);
  return copyElements(bytes.subarray(0, count * size), type, swap);
}
