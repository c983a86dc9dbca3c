/**
 * @file Hostile command lines. Each follows from the seed and its number alone: a good one of the list below, with flags of
 * all commands, values and paths of all kinds in it, and its words cut, doubled, swapped and misspelt. The names
 * are those of the files that command-line-folder.ts makes.
 */
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { FULL_DISK, NUMBERS, PATHS, TEXTS, VALUES } from './hostile-words.ts';
import { generator, type Random } from './mutate.ts';

/** A training that is over at once. */
const TINY =
  '--trajectories 6,3,3 --samples 4 --epochs 2 --batch-size 2 --hidden 4 --layers 1 --threads 1 --backend reference';
const TINY_GRAPHS =
  '--dataset overfit --samples 2 --epochs 1 --batch-size 2 --hidden 4 --layers 1 --threads 1';

const GOOD = [
  'info --threads 1 --json',
  'info --backend reference',
  `train nbody ${TINY} --out new`,
  `train nbody --config settings.json --out new --quiet`,
  'train nbody --resume half --json',
  'train nbody --resume run',
  `train nbody ${TINY} --model gnn --learning-rate 1e-3 --schedule cosine --warm-up 0.1 --ema 0.9 --clip 1 --seed 3`,
  `train autoencoder ${TINY_GRAPHS} --edge-probability 0.4 --embedding 2`,
  'evaluate run --threads 1 --report report.html',
  'evaluate run --backend reference --json',
  'check run --threads 1 --json',
  'report run --threads 1 --out report.html',
  'report run half --out report.html --svg plots --json --backend reference',
  'export molecules.safetensors --to onnx --out model.onnx',
  'export graphs.safetensors --to pytorch-names --json',
  'export run --to safetensors --overwrite',
  'import graphs.safetensors --from egnn-clean --out imported --set residual=true --set tanh=false --json',
  'import molecules.safetensors --elements H,C,N,O,F --output mu:D:2.6:1.1 --charge-powers 0,1 --yes',
  'import graphs.safetensors --args arguments.pickle --prefix= --out run --overwrite',
  'predict molecules.safetensors in.xyz --threads 1',
  'predict molecules.safetensors in.xyz in.smi --out p.jsonl --forces energy --skip-invalid --json --threads 1',
  'predict molecules.safetensors *.xyz --to xyz --forces --backend reference',
  'predict graphs.safetensors in.jsonl --out p.npz --overwrite --quiet --backend reference',
  'predict molecules.safetensors - --format xyz --to csv --backend reference',
  'predict qm9 in.xyz --backend reference',
  'predict run bodies.jsonl --threads 1',
  'data nbody --trajectories 6,3,3 --threads 1 --json',
  'help train',
  'train nbody --help',
  '--version',
];
/** Good ones that end with 1, since there is no QM9. */
const WITHOUT_DATA = [
  'train qm9 --preset tiny --target mu --samples 10 --validation-samples 5 --epochs 1',
  'data qm9 --from folder --cache other --json',
];
/** Those that take long enough to be stopped, and so stand here once each for many of the others. */
const LONG = [
  'start --threads 1 --out table',
  'reproduce nbody --backend reference --out table --json',
  'reproduce autoencoder --table overfit --epochs 1 --samples 2 --threads 1',
  'serve molecules.safetensors --port 0 --threads 1',
  'serve a=graphs.safetensors b=molecules.safetensors --port 0 --log-level error --max-items 3 --api-keys keys.txt',
];
const RARE = [...LONG, ...WITHOUT_DATA];
const RARE_ONE_IN = 20;

interface Flag {
  readonly name: string;
  readonly choices: readonly string[];
}

const program = createProgram();
const COMMANDS = leaves(program);
const FLAGS = [...new Map(COMMANDS.flatMap(flagsOf).map((flag) => [flag.name, flag])).values()];
const NAMES = [program, ...allCommands(program)].map((command) => command.name());

/** The words of one case. */
export function commandLine(seed: number, number: number): string[] {
  const random = generator(seed, number);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const words = pick(random(RARE_ONE_IN) === 0 ? RARE : GOOD).split(' ');
  const changes = random(12) === 0 ? 0 : 1 + random(1 + random(8));
  for (let k = 0; k < changes; k++) {
    pick(CHANGES)(words, random, pick);
    // Written beyond the end, a word leaves holes before it.
    for (let at = 0; at < words.length; at++) words[at] ??= '';
  }
  return words.map((word, k) => {
    const [, flag, value] = /^(--\w+)=(.*)$/s.exec(word) ?? ['', words[k - 1], word];
    const isOutput = /^--(out|report|svg|png)$/.test(flag ?? '') && value === FULL_DISK;
    // Whoever reads this one reads for ever.
    const text = isOutput ? word : word.replaceAll(FULL_DISK, '/dev/null');
    // As the system passes it on.
    return Buffer.from(text.slice(0, 60_000).replaceAll('\0', '')).toString();
  });
}

type Change = (words: string[], random: Random, pick: <T>(list: readonly T[]) => T) => void;

const CHANGES: readonly Change[] = [
  function anotherValue(words, random, pick) {
    const flags = words.flatMap((word, k) => (word.startsWith('--') && k + 1 < words.length ? [k + 1] : []));
    words[flags.length > 0 ? pick(flags) : random(words.length + 1)] = pick(VALUES);
  },
  function anotherNumber(words, random, pick) {
    const numbers = words.flatMap((word, k) => (/\d/.test(word) ? [k] : []));
    words[numbers.length > 0 ? pick(numbers) : random(words.length + 1)] = pick(NUMBERS);
  },
  function anotherPath(words, random, pick) {
    const paths = words.flatMap((word, k) => (word.startsWith('--') || k === 0 ? [] : [k]));
    words[paths.length > 0 ? pick(paths) : random(words.length + 1)] = pick(PATHS);
  },
  function ownFlag(words, random, pick) {
    const command = COMMANDS.find((each) => each.name() === words[0] || each.name() === words[1]);
    if (command) insertFlag(words, flagsOf(command), random, pick);
  },
  function anyFlag(words, random, pick) {
    insertFlag(words, FLAGS, random, pick);
  },
  function insert(words, random, pick) {
    words.splice(random(words.length + 1), 0, pick(VALUES));
  },
  function remove(words, random) {
    words.splice(random(words.length), 1);
  },
  function double(words, random) {
    const from = random(words.length);
    words.splice(random(words.length + 1), 0, ...words.slice(from, from + 1 + random(2)));
  },
  function swap(words, random) {
    const [a, b] = [random(words.length), random(words.length)];
    [words[a], words[b]] = [words[b] ?? '', words[a] ?? ''];
  },
  function join(words, random) {
    const at = random(words.length);
    words.splice(at, 2, `${words[at] ?? ''}=${words[at + 1] ?? ''}`);
  },
  function misspell(words, random, pick) {
    const at = random(words.length);
    const word = words[at] ?? '';
    const place = random(word.length + 1);
    words[at] = word.slice(0, place) + pick(TEXTS) + word.slice(place + random(3));
  },
  function anotherCommand(words, random, pick) {
    words[random(2)] = pick(NAMES);
  },
];

function insertFlag(
  words: string[],
  flags: readonly Flag[],
  random: Random,
  pick: <T>(list: readonly T[]) => T,
): void {
  if (flags.length === 0) return;
  const { name, choices } = pick(flags);
  const value = choices.length > 0 && random(2) === 0 ? pick(choices) : pick(VALUES);
  const flag = random(4) === 0 ? [`${name}=${value}`] : random(4) === 0 ? [name] : [name, value];
  words.splice(1 + random(words.length), 0, ...flag);
}

function flagsOf(command: Command): Flag[] {
  return command.options.map(({ long, argChoices }) => ({ name: long!, choices: argChoices ?? [] }));
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((each) => [each, ...allCommands(each)]);
}

function leaves(command: Command): Command[] {
  return allCommands(command).filter(({ commands }) => commands.length === 0);
}
