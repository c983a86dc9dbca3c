/** @file Where the conformer generator's tables lie; they are fetched with the first SMILES. */
import address from '../../../../node_modules/openchemlib/dist/resources.json?url';

/** Absolute, since the worker has another base. */
export function chemistryTables(): string {
  return new URL(address, document.baseURI).href;
}
