/** Models as files: their description, importing weights of other packages, loading, predicting. */
export { atomFeatures } from './atoms.ts';
export { buildNetwork } from './build.ts';
export {
  type AtomFeatures,
  checkModelConfig,
  type ModelConfig,
  type NetworkConfig,
  type OutputConfig,
} from './config.ts';
export { type ModelContents, modelFiles, packModel, unpackModel } from './files.ts';
export {
  type Architecture,
  type Assumption,
  architectures,
  type Imported,
  type ImportOptions,
  importWeights,
  type ReadArchitecture,
  trainingArguments,
  type Weights,
  type WeightTensor,
} from './import/index.ts';
export { type LoadOptions, loadModel } from './load.ts';
export { type Atoms, LoadedModel, type MoleculeOptions, type MoleculePrediction } from './loaded-model.ts';
