// Models and settings from strangers, in a short form of `npm run test:fuzz`: refused or used, and nothing else.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/formats/index.ts';
import { type Engine, startEngine } from '../../src/index.ts';
import { checkModelConfig, LoadedModel, packModel, unpackModel } from '../../src/models/index.ts';
import { isRefusal, MODEL_READERS } from './models.ts';
import { mutate } from './mutate.ts';

it.each(MODEL_READERS)('$name: 500 damaged ones are read or refused', async (reader) => {
  const corpus = reader.corpus();
  for (let number = 0; number < 500; number++) {
    try {
      await reader.read(mutate(corpus, 7, number));
    } catch (error) {
      if (!isRefusal(reader, error)) throw new Error(`case ${number}`, { cause: error });
    }
  }
});

describe('a configuration', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ backend: 'reference' });
  });
  afterAll(() => engine.close());
  const small = { a: { shape: [2], data: Float32Array.of(1, 2) } };

  it('that asks for more than its weights have is refused before anything is built', () => {
    const width = fc.constantFrom(1, 3, 64, 65_536);
    fc.assert(
      fc.property(
        fc.record(
          {
            hiddenFeatures: width,
            messageFeatures: width,
            edgeHidden: width,
            nodeHidden: width,
            coordinateHidden: width,
            edgeFeatures: width,
            nodeAttributes: width,
            outputFeatures: width,
            readout: fc.record({ outputs: width }),
            layers: fc.constantFrom(1, 4, 1024),
          },
          { requiredKeys: [] },
        ),
        fc.constantFrom(1, 65_536),
        (options, inputFeatures) => {
          const config = checkModelConfig({
            format: 'egnn-model',
            version: 1,
            network: { kind: 'egnn', inputFeatures, ...options },
            edges: 'complete',
          });
          expect(() => new LoadedModel(engine, { config, state: small })).toThrow(
            /asks for .* numbers; its weights have 2 in all|missing|unexpected|has no/i,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['edge attributes in every layer', { layers: 1024, edgeFeatures: 65_536 }],
    ['node attributes in every layer', { layers: 1024, nodeAttributes: 65_536 }],
    ['a readout of wide features', { outputFeatures: 20_000, readout: { outputs: 1 } }],
  ])('cannot ask for %s without the weights', (_, options) => {
    const network = { kind: 'egnn', inputFeatures: 1, hiddenFeatures: 1, ...options };
    const config = checkModelConfig({ format: 'egnn-model', version: 1, network, edges: 'complete' });
    const state = { a: { shape: [65_536], data: new Float32Array(65_536) } };
    expect(() => new LoadedModel(engine, { config, state })).toThrow(/asks for [\d,]+ numbers/);
  });

  it.each(['__proto__', 'constructor', 'path', 'file:///etc/passwd'])('cannot say %s', (key) => {
    const text = `{"format":"egnn-model","version":1,"network":{"kind":"linear-dynamics"},"edges":"complete",${JSON.stringify(key)}:"../../x"}`;
    expect(() => checkModelConfig(JSON.parse(text))).toThrow(RangeError);
    expect(({} as Record<string, unknown>).path).toBeUndefined();
  });

  it('does not hide weights named __proto__', () => {
    const network = { kind: 'linear-dynamics' };
    const config = checkModelConfig({ format: 'egnn-model', version: 1, network, edges: 'complete' });
    const weight = { shape: [1], data: Float32Array.of(0.5) };
    const bytes = writeSafetensors([
      ['time', weight],
      ['__proto__', weight],
    ]);
    expect(() => new LoadedModel(engine, unpackModel(bytes, config))).toThrow('unexpected __proto__');
  });

  it('in the weights that is no JSON is refused', () => {
    const bytes = packModel({
      config: checkModelConfig({
        format: 'egnn-model',
        version: 1,
        network: { kind: 'linear-dynamics' },
        edges: 'complete',
      }),
      state: { time: { shape: [1], data: [0.5] } },
    });
    const text = Buffer.from(bytes).toString('latin1').replace('egnn-model', '\\"gnn-mode');
    expect(() => unpackModel(Buffer.from(text, 'latin1'))).toThrow(/no JSON|not valid/);
  });
});
