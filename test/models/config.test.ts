// A configuration may come from a stranger: what is missing, unknown or out of range is named, and nothing else throws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkModelConfig,
  type ModelContents,
  modelFiles,
  packModel,
  unpackModel,
} from '../../src/models/index.ts';

const network = { kind: 'egnn', inputFeatures: 4, hiddenFeatures: 8, readout: { outputs: 1 } };
const valid = {
  format: 'egnn-model',
  version: 1,
  network,
  edges: 'complete',
  atoms: { elements: ['H', 'C'], chargePowers: [0, 1], maximumCharge: 9 },
  outputs: [{ name: 'energy', unit: 'eV', mean: 0, scale: 2, atomReferences: { H: -13.6 } }],
};

describe('checkModelConfig', () => {
  it('takes a valid one as it is', () => {
    expect(checkModelConfig(valid)).toEqual(valid);
  });

  it.each([
    [{ ...valid, version: 2 }, 'version'],
    [{ ...valid, format: 'onnx' }, 'format'],
    [{ ...valid, extra: 1 }, 'Unrecognized key: "extra"'],
    [{ ...valid, network: { ...network, kind: 'schnet' } }, 'network.kind'],
    [{ ...valid, network: { ...network, hiddenFeatures: 1e9 } }, 'network.hiddenFeatures'],
    [{ ...valid, network: { ...network, layers: 0.5 } }, 'network.layers'],
    [{ ...valid, network: { ...network, attention: 'yes' } }, 'network.attention'],
    [{ ...valid, network: { ...network, tanh: -1 } }, 'network.tanh'],
    [{ ...valid, outputs: [] }, 'names 0 outputs; its network has 1'],
    [
      { ...valid, atoms: { ...valid.atoms, chargePowers: [0] } },
      'makes 2 features an atom; its network takes 4',
    ],
    [{ ...valid, atoms: { ...valid.atoms, elements: ['H', 'Qq'] } }, 'not a chemical element'],
    [{ ...valid, atoms: undefined }, 'atomReferences of energy without atoms'],
    [{ ...valid, edges: 'some' }, 'edges'],
    [null, 'it: '],
    ['{}', 'it: '],
  ])('names what is wrong in %j', (config, message) => {
    expect(() => checkModelConfig(config)).toThrow(message);
    expect(() => checkModelConfig(config)).toThrow(RangeError);
  });

  it.each([
    ['outputs', { ...valid, outputs: Array(30_000).fill({}) }, 'and 89992 more'],
    ['outputs', { ...valid, outputs: Array(1_000_000).fill({}) }, 'has more than 32768 values'],
    [
      'keys',
      Object.fromEntries(Array.from({ length: 30_000 }, (_, k) => [k, k])),
      'Unrecognized keys: "0", "1"',
    ],
    ['depths', JSON.parse('['.repeat(1_000_000) + ']'.repeat(1_000_000)), 'has more than 32768 values'],
  ])('tells little of very many %s that are wrong', (_, config, message) => {
    expect(() => checkModelConfig(config)).toThrow(RangeError);
    expect(() => checkModelConfig(config)).toThrow(message);
    expect(() => checkModelConfig(config)).toThrow(/^.{1,5000}$/);
  });

  it('answers anything with a configuration or a RangeError', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      // Near misses: a valid one with one value replaced.
      fc
        .tuple(fc.constantFrom(...Object.keys(valid)), fc.jsonValue())
        .map(([key, value]) => ({ ...valid, [key]: value })),
      fc
        .tuple(fc.constantFrom(...Object.keys(network), 'normalize', 'coordinateClamp'), fc.jsonValue())
        .map(([key, value]) => ({ ...valid, network: { ...network, [key]: value } })),
    );
    fc.assert(
      fc.property(anything, (config) => {
        try {
          expect(checkModelConfig(config)).toEqual(config);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('one file', () => {
  const config = checkModelConfig({
    format: 'egnn-model',
    version: 1,
    network: { kind: 'linear-dynamics' },
    edges: 'complete',
  });
  const state = { time: { shape: [1], data: [0.5] } };

  it('holds the configuration and the weights', () => {
    const { config: found, state: weights } = unpackModel(packModel({ config, state }));
    expect(found).toEqual(config);
    expect(Array.from(weights.time.data)).toEqual([0.5]);
  });

  it.each([
    ['a configuration of another version', { config: { ...config, version: 2 }, state }, 'version'],
    ['no weights', { config, state: {} }, 'missing time [1]'],
    [
      'weights of another shape',
      { config, state: { time: { shape: [2], data: [1, 2] } } },
      'time must be [1]; got [2]',
    ],
    [
      'weights that it does not describe',
      { config, state: { ...state, space: state.time } },
      'unexpected space',
    ],
    [
      'what float32 cannot hold',
      { config, state: { time: { shape: [1], data: [1e39] } } },
      'time holds 1e+39 at position 0, which is not finite in float32',
    ],
    [
      'far fewer weights than it asks for',
      { config: { ...config, network: { kind: 'egnn', inputFeatures: 1, hiddenFeatures: 512 } }, state },
      'asks for 7,355,392 numbers; its weights have 1 in all',
    ],
  ])('does not take %s', (_, contents, message) => {
    expect(() => packModel(contents as ModelContents)).toThrow(message);
    expect(() => modelFiles('clock', contents as ModelContents)).toThrow(message);
  });

  it('a folder has the same in two files, and a card that says what is known of the model', () => {
    const files = modelFiles('clock', { config, state });
    const text = (name: string) => new TextDecoder().decode(files[name]);
    expect(Object.keys(files)).toEqual(['model.safetensors', 'README.md', 'config.json']);
    const { config: found, state: weights } = unpackModel(
      files['model.safetensors'],
      JSON.parse(text('config.json')),
    );
    expect(found).toEqual(config);
    expect(Array.from(weights.time.data)).toEqual([0.5]);
    expect(text('README.md')).toMatch(/^# clock\n.*`linear-dynamics` with 1 parameters.*are not known/s);
    const { 'README.md': card } = modelFiles('clock', { config, state }, '## Training\n\nNone.');
    expect(new TextDecoder().decode(card)).toMatch(/\n\n## Training\n\nNone\.\n$/);
  });

  it('a truncated or damaged one is an error', () => {
    const bytes = packModel({ config, state });
    for (let length = 0; length < bytes.length; length++)
      expect(() => unpackModel(bytes.subarray(0, length))).toThrow();
  });

  it('weights alone ask for a configuration', () => {
    const bytes = packModel({ config, state });
    const text = new TextDecoder('latin1').decode(bytes).replace('egnn.config', 'egnn_config');
    expect(() => unpackModel(Uint8Array.from(text, (c) => c.charCodeAt(0)))).toThrow(
      'without a configuration',
    );
  });
});
