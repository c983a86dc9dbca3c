/**
 * @file Which build of the kernels runs here. `revectorized` is the relaxed build under V8's experimental flag that
 * fuses pairs of 128-bit operations into 256-bit ones; `relaxed` has fused multiply-adds; `simd` runs everywhere
 * that WebAssembly SIMD does.
 */
import { instantiate } from './kernels.ts';

export const variants = ['revectorized', 'relaxed', 'simd'] as const;
export type Variant = (typeof variants)[number];

interface Chosen {
  readonly variant: Variant;
  readonly module: WebAssembly.Module;
  /** Why this one, for people. */
  readonly reason: string;
}

/** Only since V8 13 (Node 24) do results with the flag agree and gain. */
const FIRST_V8 = 13;

/**
 * @param wanted a variant to insist on; the fastest that works here if undefined
 * @throws Error if the wanted variant does not run here, or none does
 */
export async function chooseVariant(wanted: Variant | undefined): Promise<Chosen> {
  if (wanted !== undefined && !variants.includes(wanted))
    throw new Error(`EGNN_WASM must be one of ${variants.join(', ')}; got ${wanted}`);
  const refusals: string[] = [];
  for (const variant of wanted ? [wanted] : variants) {
    const outcome = await attempt(variant);
    if (typeof outcome === 'string') refusals.push(`${variant}: ${outcome}`);
    else {
      const because = wanted
        ? 'asked for'
        : refusals.length > 0
          ? `the fastest here; ${refusals.join('; ')}`
          : 'the fastest';
      return { variant, module: outcome, reason: because };
    }
  }
  throw new Error(`no WebAssembly kernels run here (${refusals.join('; ')})`);
}

/** The compiled module, or why it cannot be used. */
async function attempt(variant: Variant): Promise<WebAssembly.Module | string> {
  const refusal = variant === 'revectorized' && enableRevectorize();
  if (refusal) return refusal;
  const relaxed = variant !== 'simd';
  const { wasm } = relaxed
    ? await import('./generated/kernels-relaxed.ts')
    : await import('./generated/kernels-simd.ts');
  const bytes = decodeBase64(wasm);
  if (!WebAssembly.validate(bytes)) return relaxed ? 'no relaxed SIMD here' : 'no WebAssembly SIMD here';
  const module = new WebAssembly.Module(bytes);
  if (variant === 'revectorized' && !agreesWithScalarCode(module))
    return 'its results differ from scalar code';
  return module;
}

/** Node and browsers both have `atob`; a plain loop is ten times faster than `Uint8Array.from` with a function. */
function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Why the flag cannot be used, or undefined once it is set. It holds for modules compiled afterwards. */
function enableRevectorize(): string | undefined {
  const version = globalThis.process?.versions?.v8;
  if (!version) return 'only Node can set the flag';
  if (Number.parseInt(version, 10) < FIRST_V8) return `V8 ${version.split('-')[0]} is too old for it`;
  if (process.arch !== 'x64') return `nothing to fuse on ${process.arch}`;
  process.getBuiltinModule('node:v8').setFlagsFromString('--experimental-wasm-revectorize');
  return undefined;
}

/** A product with SiLU on a fixed input, against the same in plain numbers. */
function agreesWithScalarCode(module: WebAssembly.Module): boolean {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536, shared: true });
  const kernels = instantiate(module, memory, true);
  const floats = new Float32Array(memory.buffer);
  const [rows, inner, columns] = [13, 24, 40];
  const [x, w, y] = [4096, 16384, 65536];
  const value = (k: number) => Math.sin(k * 12.9898);
  for (let k = 0; k < rows * inner; k++) floats[x / 4 + k] = value(k);
  for (let k = 0; k < inner * columns; k++) floats[w / 4 + k] = value(k + 0.5);
  kernels.matmul(x, w, 0, y, rows, inner, columns);
  kernels.activate(1, y, y, rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      let z = 0;
      for (let k = 0; k < inner; k++) z += floats[x / 4 + r * inner + k] * floats[w / 4 + k * columns + c];
      if (Math.abs(floats[y / 4 + r * columns + c] - z / (1 + Math.exp(-z))) > 1e-5) return false;
    }
  return true;
}
