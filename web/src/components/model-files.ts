/** @file A model as files: those that ship with the page, and those that someone chose or dropped. */

export interface ModelFiles {
  readonly name: string;
  /** A safetensors file. */
  readonly weights: Uint8Array;
  /** The text of config.json; undefined where the weights hold their own configuration. */
  readonly config?: string;
}

/** The addresses of the shipped models' files, by path; what is not in the repository at the time of the build is not here. */
const addresses = {
  ...import.meta.glob<string>('../../../models/*/model.safetensors', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
  ...import.meta.glob<string>('../../../models/*/config.json', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
};

/** Whether a model of this name ships with the page. */
export function hasShippedModel(name: string): boolean {
  return addressOf(name, 'model.safetensors') !== undefined && addressOf(name, 'config.json') !== undefined;
}

/** @throws Error if it cannot be fetched */
export async function shippedModel(name: string, signal?: AbortSignal): Promise<ModelFiles> {
  const get = async (file: string): Promise<Response> => {
    const response = await fetch(addressOf(name, file)!, { signal });
    if (!response.ok)
      throw new Error(`the model ${name} could not be loaded: ${response.status} for ${file}`);
    return response;
  };
  const [weights, config] = await Promise.all([get('model.safetensors'), get('config.json')]);
  return { name, weights: new Uint8Array(await weights.arrayBuffer()), config: await config.text() };
}

function addressOf(name: string, file: string): string | undefined {
  return addresses[`../../../models/${name}/${file}`];
}

/**
 * A model from the files of its folder, or from one file.
 * @throws Error that says which file is missing
 */
export async function modelFilesOf(files: readonly File[]): Promise<ModelFiles> {
  const weights = files.find(({ name }) => name.toLowerCase().endsWith('.safetensors'));
  if (!weights)
    throw new Error(
      `${files.map(({ name }) => name).join(', ')}: no weights among them; expected a file that ends in .safetensors, and with it config.json`,
    );
  const config = files.find(({ name }) => /^(config|model)\.json$/i.test(name));
  return {
    name: weights.name,
    weights: new Uint8Array(await weights.arrayBuffer()),
    config: await config?.text(),
  };
}
