/** State dicts are found wherever programs put them, and hostile structures end the search. */
import { describe, expect, it } from 'vitest';
import {
  findStateDicts,
  type PickleArray,
  type PickleValue,
  readPyTorch,
  withoutPrefix,
} from '../../src/formats/index.ts';
import { fixture } from './pytorch-fixtures.ts';

const tensor: PickleArray = { data: Float32Array.of(1), shape: [1], dtype: 'float32' };
const weights = () => new Map<PickleValue, PickleValue>([['weight', tensor]]);
const paths = (value: PickleValue) => findStateDicts(value).map(({ path }) => path);

describe('findStateDicts', () => {
  it('finds those of a checkpoint of PyTorch, without the optimiser', () => {
    const found = findStateDicts(readPyTorch(fixture('checkpoint.pt')));
    expect(found.map(({ path, tensors }) => [path, [...tensors.keys()]])).toEqual([
      ['model_state_dict', ['layer.weight', 'layer.bias']],
      ['ema', ['module.layer.weight', 'module.layer.bias']],
    ]);
    expect(found[1]!.tensors.get('module.layer.bias')).toEqual(found[0]!.tensors.get('layer.bias'));
  });

  it('finds plain ones, nested ones, and those in lists', () => {
    const lightning: PickleValue = new Map<PickleValue, PickleValue>([
      ['state_dict', weights()],
      ['callbacks', new Map([['ema', new Map([['model', weights()]])]])],
      ['models', [weights(), new Map([[7, weights()]])]],
      ['loss', tensor],
    ]);
    expect(paths(weights())).toEqual(['']);
    expect(paths(lightning)).toEqual(['state_dict', 'callbacks.ema.model', 'models.0', 'models.1.7']);
  });

  it('leaves out what is none', () => {
    expect(paths(new Map())).toEqual([]);
    expect(paths(null)).toEqual([]);
    expect(paths(new Map<PickleValue, PickleValue>([[1, tensor]]))).toEqual([]);
    expect(
      paths(
        new Map<PickleValue, PickleValue>([
          ['a', tensor],
          ['b', 1],
        ]),
      ),
    ).toEqual([]);
    const [found] = findStateDicts(weights().set('layer._extra_state', null));
    expect([...found!.tensors.keys()]).toEqual(['weight']);
  });

  it('gives a shared one under each of its names', () => {
    const shared = weights();
    expect(
      paths(
        new Map([
          ['model', shared],
          ['ema', shared],
        ]),
      ),
    ).toEqual(['model', 'ema']);
  });

  it('ends on structures that contain themselves, laugh, or are deep', () => {
    const loop: PickleValue[] = [weights()];
    loop.push(loop);
    expect(paths(loop)).toEqual(['0']);
    let laughs: PickleValue[] = [];
    for (let k = 0; k < 1000; k++) laughs = [laughs, laughs];
    expect(paths(laughs)).toEqual([]);
    let deep: PickleValue = weights();
    for (let k = 0; k < 100_000; k++) deep = [deep];
    expect(paths(deep)).toEqual([]);
  });
});

describe('withoutPrefix', () => {
  it('takes off a prefix that all have', () => {
    const tensors = new Map([
      ['module.a', tensor],
      ['module.b.module.c', tensor],
    ]);
    expect([...withoutPrefix(tensors, 'module.').keys()]).toEqual(['a', 'b.module.c']);
    expect(() => withoutPrefix(new Map([['a', tensor]]), 'module.')).toThrow('tensor a does not start with');
  });
});
