/** @file A trained model as a zip file that holds a model folder, as `egnn import` writes one, and an input to try it on. */
import { type ModelContents, modelFiles } from 'egnn/models';
import { paperErrors } from 'egnn/nbody';
import { strToU8, zipSync } from 'fflate';
import { modelInput } from './model-input.ts';
import type { Observations } from './run.ts';
import type { TrainedModel } from './training.ts';

/** The folder in the zip file. */
export const FOLDER = 'nbody-browser';
/** A graph as `egnn predict` reads it. */
export const EXAMPLE_FILE = 'example.jsonl';

/**
 * @param observations whose moment becomes the example
 * @returns the bytes of a zip file
 */
export function packArchive(
  model: TrainedModel,
  observations: Observations,
  moment: number,
): Uint8Array<ArrayBuffer> {
  const contents: ModelContents = { config: model.config, state: model.state };
  const files = {
    ...modelFiles(FOLDER, contents, aboutModel(model)),
    [EXAMPLE_FILE]: strToU8(exampleLine(observations, moment)),
  };
  const named = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [`${FOLDER}/${name}`, bytes]),
  );
  return zipSync(named) as Uint8Array<ArrayBuffer>;
}

function aboutModel({ samples, seed, step, validation, test }: TrainedModel): string {
  return `## Training

Trained in a browser on ${samples.toLocaleString('en')} trajectories of the paper's charged N-body experiment (section 5.1), simulated from
seed ${seed}; these are the weights after step ${step.toLocaleString('en')}, where the validation error was smallest.

| | mean squared error |
|---|---|
| validation | ${validation.toPrecision(4)} |
| test, 2,000 trajectories | ${test.toPrecision(4)} |
| the paper's EGNN, 3,000 training trajectories | ${paperErrors.egnn} |

The output \`x\` holds the positions of five charged particles 1,000 steps after the input. \`X\` are the speeds |v_i|, \`C\`
positions, \`V\` velocities, \`A\` the products of charges q_i q_j and the squared distances, by receiver, then by sender.
\`${EXAMPLE_FILE}\` is the system that was on the screen:

\`\`\`sh
egnn predict ${FOLDER} ${FOLDER}/${EXAMPLE_FILE} --to jsonl
egnn export ${FOLDER} --to onnx
\`\`\`

It has not seen other numbers of particles, other charges than 1 and -1, or other times ahead.`;
}

function exampleLine({ charges, ...observations }: Observations, moment: number): string {
  const { X, C, V, A } = modelInput({ charges, ...observations }, [moment]);
  const particles = charges.length;
  const rows = (values: ArrayLike<number>, width: number) =>
    Array.from({ length: values.length / width }, (_, row) =>
      Array.from({ length: width }, (_, column) => values[row * width + column]),
    );
  const flat = [X, C, V, A] as Float64Array[];
  const [x, c, v, a] = flat.map((values, k) => rows(values, [1, 3, 3, 2][k]));
  return `${JSON.stringify({ name: `${particles} particles`, X: x, C: c, V: v, A: a })}\n`;
}
