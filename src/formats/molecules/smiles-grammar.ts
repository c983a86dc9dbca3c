/**
 * @file The grammar of SMILES, as far as a text can be judged without chemistry: OpenChemLib reads `CC(C` as propane,
 * and `C=` as methane, where a text that was cut should be an error. Symbols, ring closures and valences are its to judge.
 * Specification: OpenSMILES 1.0 (2016), http://opensmiles.org/opensmiles.html, section 2.
 */

type Kind = 'start' | 'atom' | 'bond' | 'ring' | 'open' | 'close' | 'dot';

/** Each kind with its text and the kinds that it may follow; a ring closure comes before the bond that may be its part. */
const TOKENS: [kind: Kind, text: RegExp, follows: Kind[]][] = [
  ['atom', /\[[^[\]]+\]|Br|Cl|[BCNOPSFIbcnops]/y, ['start', 'atom', 'bond', 'ring', 'open', 'close', 'dot']],
  ['ring', /[-=#$:/\\]?(?:\d|%\d\d)/y, ['atom', 'ring']],
  ['bond', /[-=#$:/\\]/y, ['atom', 'ring', 'open', 'close']],
  ['open', /\(/y, ['atom', 'ring', 'close']],
  ['close', /\)/y, ['atom', 'ring', 'close']],
  ['dot', /\./y, ['atom', 'ring', 'open', 'close']],
];

/** What is wrong with the text, and at which character, counted from 1; undefined where it keeps to the grammar. */
export function smilesProblem(smiles: string): string | undefined {
  let previous: Kind = 'start';
  let depth = 0;
  for (let at = 0; at < smiles.length; ) {
    const token = TOKENS.find(([, text]) => {
      text.lastIndex = at;
      return text.test(smiles);
    });
    if (token === undefined) return `character ${at + 1}: ${JSON.stringify(smiles[at])} stands for nothing`;
    const [kind, text, follows] = token;
    if (!follows.includes(previous)) return `character ${at + 1}: ${JSON.stringify(smiles[at])} out of place`;
    if (kind === 'open') depth++;
    if (kind === 'close' && depth-- === 0) return `character ${at + 1}: ) without (`;
    previous = kind;
    at = text.lastIndex;
  }
  if (depth > 0) return 'the text ends; expected )';
  return ['atom', 'ring', 'close'].includes(previous) ? undefined : 'the text ends; expected an atom';
}
