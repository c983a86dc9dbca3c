/** PyTorch checkpoints: PyTorch's own files, real checkpoints, what is refused, hostile and damaged files. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  FormatError,
  type PickleArray,
  type PickleValue,
  readPyTorch,
  readZip,
} from '../../src/formats/index.ts';
import { expectHarmless } from './hostile.ts';
import { type Piece, pickleOf, uint32 } from './pickle-writer.ts';
import { expectedOf, fixture, fixtures, plain } from './pytorch-fixtures.ts';

type Tensors = Map<string, PickleArray>;

/** The entries of an archive without its folder. */
const unpack = (file: Uint8Array) =>
  readZip(file).map(({ name, read }) => [name.slice(name.indexOf('/') + 1), read()] as const);

describe('files of PyTorch', () => {
  it.each(fixtures('.pt'))('%s', (name) => {
    expect(plain(readPyTorch(fixture(name)))).toEqual(expectedOf(name));
  });

  it.each(['', 'folder/', 'a/b.c/'])('repacked, deflated, in %j', (folder) => {
    const files = Object.fromEntries(
      unpack(fixture('strided.pt')).map(([name, data]) => [folder + name, data]),
    );
    expect(plain(readPyTorch(zipSync(files)))).toEqual(expectedOf('strided.pt'));
  });

  it('with big-endian storages', () => {
    const swapped = unpack(fixture('grid4.pt')).map(([name, data]) => {
      if (name === 'byteorder') return [`f/${name}`, Buffer.from('big')] as const;
      return [`f/${name}`, name.startsWith('data/') ? Buffer.from(data).swap32() : data] as const;
    });
    expect(plain(readPyTorch(zipSync(Object.fromEntries(swapped))))).toEqual(expectedOf('grid4.pt'));
  });

  it.each(['strided.pt', 'strided_legacy.pt'])('%s may lie anywhere in memory', (name) => {
    for (let shift = 0; shift < 8; shift++) {
      const inside = Buffer.concat([Buffer.alloc(shift), fixture(name)]).subarray(shift);
      expect(plain(readPyTorch(inside))).toEqual(expectedOf(name));
    }
  });

  it('share memory where they did in PyTorch', () => {
    const tensors = readPyTorch(fixture('strided.pt')) as Tensors;
    const [whole, first, again] = ['whole', 'first', 'again'].map(
      (name) => tensors.get(name)!.data as Float32Array,
    );
    whole![1] = 42;
    expect([first![1], again![1]]).toEqual([42, 42]);
  });

  it.each(['checkpoint.pt', 'dtypes_legacy.pt', 'strided_legacy.pt', 'grid4.pt'])(
    '%s may be damaged',
    (name) => {
      expectHarmless(readPyTorch, fixture(name));
    },
  );
});

const CHECKPOINTS = new URL('../../../shared/data/checkpoints/', import.meta.url);

describe.skipIf(!existsSync(CHECKPOINTS))('trained models (skipped without ../shared)', () => {
  it.each([
    ['mdm_mu/best_checkpoint.pt', 80, 'gcl_0.edge_mlp.0.weight', [128, 257]],
    ['paragraph/pretrained_weights.pt', 54, 'graph_layers.0.edge_mlp.0.weight', [92, 46]],
    ['en_flows/flow.pt', 88, 'transformations.0.h_log_s', [1, 6]],
    ['edm_small/generative_model_ema.pt', 81, 'dynamics.egnn.embedding.weight', [128, 7]],
  ])('%s', (path, count, name, shape) => {
    const tensors = readPyTorch(readFileSync(new URL(path, CHECKPOINTS))) as Tensors;
    expect(tensors.size).toBe(count);
    expect(tensors.get(name)).toMatchObject({ shape, dtype: 'float32' });
    for (const { data, shape } of tensors.values()) {
      expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
      expect([...data].every((value) => Number.isFinite(Number(value)))).toBe(true);
    }
  });
});

/** An archive with this pickle, and storages of so many bytes. */
function archive(pickle: Piece[], storages: Record<string, Uint8Array> = {}): Uint8Array {
  const data = Object.entries(storages).map(([key, bytes]) => [`f/data/${key}`, bytes]);
  return zipSync({ 'f/data.pkl': pickleOf(...pickle), ...Object.fromEntries(data) }, { level: 0 });
}

const tuple = (...items: Piece[]): Piece => ['(', ...items, 't'];
const int = (value: number): Piece => ['J', uint32(value)];
const text = (value: string): Piece => ['X', uint32(value.length), value];
const storage = (type: string, key: string, length: number): Piece => [
  tuple(text('storage'), `ctorch\n${type}Storage\n`, text(key), text('cpu'), int(length)),
  'Q',
];
const tensor = (source: Piece, offset: number, shape: number[], strides: number[]): Piece => [
  'ctorch._utils\n_rebuild_tensor_v2\n',
  tuple(source, int(offset), tuple(...shape.map(int)), tuple(...strides.map(int)), 0x89, 'N'),
  'R',
];

describe('views of storages', () => {
  it('any strides that stay inside', () => {
    const dimension = fc.record({ size: fc.nat(4), stride: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(dimension, { maxLength: 4 }), fc.nat(9), (dimensions, offset) => {
        const shape = dimensions.map(({ size }) => size);
        const strides = dimensions.map(({ stride }) => stride);
        const empty = shape.includes(0);
        const length = empty ? 0 : dimensions.reduce((sum, d) => sum + (d.size - 1) * d.stride, offset + 1);
        const wanted = shape.reduce<number[]>(
          (starts, size, d) =>
            starts.flatMap((start) => Array.from({ length: size }, (_, k) => start + k * strides[d]!)),
          [offset],
        );
        const bytes = Uint8Array.from({ length }, (_, k) => k);
        const read = (storageLength: number) =>
          readPyTorch(
            archive([tensor(storage('Byte', '0', storageLength), offset, shape, strides), '.'], {
              0: bytes.subarray(0, storageLength),
            }),
          );
        expect(read(length)).toEqual({ data: Uint8Array.from(wanted), shape, dtype: 'uint8' });
        if (length > 0) expect(() => read(length - 1)).toThrow(`ends at element ${length}; the storage has`);
      }),
    );
  });

  it('a storage by itself is a tensor, and bytes other than 0 are true', () => {
    const file = archive([storage('Bool', 'k', 3), '.'], { k: Uint8Array.of(0, 1, 7) });
    expect(readPyTorch(file)).toEqual({ data: Uint8Array.of(0, 1, 1), shape: [3], dtype: 'bool' });
  });

  it('parts of storages, in files of before PyTorch 0.4', () => {
    const part = tuple(text('1'), int(1), int(2));
    const id = tuple(text('storage'), 'ctorch\nShortStorage\n', text('0'), text('cpu'), int(4), part);
    const object = [0x80, 2, tensor([id, 'Q'], 1, [1], [1]), '.'];
    const file = pickleOf(
      [0x80, 2, 0x8a, 10, 'l\xfc\x9cF\xf9 j\xa8P\x19.'],
      [0x80, 2, 'M', 0xe9, 3, '.'],
      [0x80, 2, '}.'],
      ...object,
      [0x80, 2, ']', text('0'), 'a.'],
      [uint32(4), uint32(0), [1, 0, 2, 0, 3, 0, 4, 0]],
    );
    expect(readPyTorch(file)).toEqual({ data: Int16Array.of(3), shape: [1], dtype: 'int16' });
    expect(() => readPyTorch(file.subarray(0, -1))).toThrow('8 bytes are wanted');
  });
});

describe('refused', () => {
  const onBytes = (...pieces: Piece[]) => archive([...pieces, '.'], { 0: new Uint8Array(8) });
  const bytes = storage('Byte', '0', 8);

  it.each<[string, Uint8Array, string]>([
    [
      'a whole model',
      fixture('refused_module.pt'),
      '__main__.EGNN is a class of a program: the file holds a whole model',
    ],
    [
      'TorchScript',
      fixture('refused_script.pt'),
      "torch.save(torch.jit.load('model.pt').state_dict(), 'weights.pt')",
    ],
    [
      'complex numbers',
      fixture('refused_complex.pt'),
      'torch.ComplexFloatStorage holds elements that cannot be read',
    ],
    ['a negative view', fixture('refused_negative.pt'), 'a tensor has the flag neg, which cannot be read'],
    [
      'sparse tensors',
      fixture('refused_sparse.pt'),
      'torch._utils._rebuild_sparse_tensor makes a kind of tensor',
    ],
    [
      'quantised tensors',
      fixture('refused_quantised.pt'),
      'torch._utils._rebuild_qtensor makes a kind of tensor',
    ],
    [
      '8-bit floats',
      fixture('refused_float8.pt'),
      'a tensor has elements of "torch.float8_e4m3fn"; expected one of',
    ],
    [
      'layers',
      archive(['ctorch.nn.modules.linear\nLinear\n)\x81.']),
      "torch.save(model.state_dict(), 'weights.pt')",
    ],
    [
      'classes of others',
      archive(['cmodels.egnn\nEGNN\n)\x81.']),
      'models.egnn.EGNN is refused; expected plain data and',
    ],
    ['the system', archive(['cos\nsystem\n(Vls\ntR.']), 'os.system is refused'],
    ['a plain pickle', fixture('plain2.pickle'), 'found a plain pickle of a dict of 13'],
    [
      'a tar archive',
      Buffer.concat([Buffer.alloc(257), Buffer.from('ustar')]),
      'a tar archive of before PyTorch 0.2',
    ],
    ['other bytes', Buffer.from('hello'), 'pytorch: expected a zip archive or the magic number'],
    ['other archives', zipSync({ a: new Uint8Array(1) }), 'has 0 entries named data.pkl; expected one'],
    [
      'a mixed byte order',
      zipSync({ 'data.pkl': pickleOf('N.'), byteorder: Buffer.from('middle') }),
      'byteorder says "middle"; expected little or big',
    ],
    [
      'a key without end',
      archive([storage('Byte', '1'.repeat(257), 8), '.']),
      'a text of up to 256 characters',
    ],
    [
      'sizes without end',
      archive(['ctorch\nSize\n', tuple(tuple(...Array(65).fill(int(1)))), 'R.']),
      'up to 64 whole',
    ],
    ['a missing storage', archive([storage('Byte', '1', 8), '.']), 'the zip archive has no entry f/data/1'],
    [
      'a storage of another length',
      onBytes(storage('Long', '0', 8)),
      'storage 0 has 8 bytes; 8 elements of int64 take 64',
    ],
    [
      'a storage of no class',
      onBytes(tuple(text('storage'), 'N', text('0')), 'Q'),
      'a storage is named by "storage", None',
    ],
    ['another persistent id', onBytes(tuple(text('module')), 'Q'), 'a storage is named by "module", nothing'],
    ['a tensor of a text', onBytes(tensor(text('a'), 0, [1], [1])), 'a tensor views "a"; expected a storage'],
    [
      'a tensor beyond its storage',
      onBytes(tensor(bytes, 0, [9], [1])),
      'ends at element 9; the storage has 8',
    ],
    ['an offset beyond it', onBytes(tensor(bytes, 9, [1], [1])), 'ends at element 10; the storage has 8'],
    ['negative strides', onBytes(tensor(bytes, 7, [8], [-1])), 'expected whole numbers from 0'],
    [
      'two strides for one dimension',
      onBytes(tensor(bytes, 0, [8], [1, 1])),
      'up to 64 dimensions and as many strides',
    ],
    [
      'endless dimensions',
      onBytes(tensor(bytes, 0, Array(65).fill(1), Array(65).fill(1))),
      'shape a list or tuple of 65',
    ],
    ['an endless tensor', onBytes(tensor(bytes, 0, [2 ** 30], [0])), 'asks for more than 107374'],
    [
      'a shape beyond counting',
      onBytes(tensor(bytes, 0, Array(9).fill(2 ** 30), Array(9).fill(0))),
      'more elements than any file',
    ],
  ])('%s', (_, file, message) => {
    expect(() => readPyTorch(file)).toThrow(FormatError);
    expect(() => readPyTorch(file)).toThrow(message);
  });

  it('copies of one storage without end', () => {
    const bytes = new Uint8Array(1 << 20);
    const view = tensor('h\x00', 0, [512, 1024], [1, 512]);
    const source = [storage('Byte', '0', bytes.length), 'q\x00'];
    const file = archive([']', source, '0', '(', ...Array(400).fill(view), 'e.'], { 0: bytes });
    expect(() => readPyTorch(file)).toThrow(/asks for more than \d+ bytes of memory/);
  });

  it('deflated zeros without end', () => {
    const file = zipSync({
      'data.pkl': pickleOf(storage('Byte', '0', 1 << 27), '.'),
      'data/0': new Uint8Array(1 << 27),
    });
    expect(() => readPyTorch(file)).toThrow(/asks for more than \d+ bytes of memory/);
  });

  it('not depth', () => {
    const deep = readPyTorch(archive([']'.repeat(1 << 20), 'a'.repeat((1 << 20) - 1), '.'])) as PickleValue[];
    expect(deep).toHaveLength(1);
  });
});
