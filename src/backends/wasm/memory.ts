/**
 * @file The linear memory that all threads share, handed out from the bottom up. Memory of a step is freed by
 * winding its arena back to the start; what lives longer comes from an arena that is never wound back.
 */
import { OutOfMemoryError } from '../out-of-memory.ts';

const PAGE = 65536;
const INITIAL_PAGES = 16;
/** Addresses below belong to the kernels' constants, and 0 means "absent". */
const RESERVED = 4096;
/** One cache line, so that threads never write to the same one. */
export const ALIGNMENT = 64;

export class SharedHeap {
  readonly memory: WebAssembly.Memory;
  #top = RESERVED;
  #floats: Float32Array;
  #integers: Int32Array;
  /** As far as the memory can grow, in bytes. */
  readonly #maximum: number;

  /** @param limit in bytes; what WebAssembly can hold if left out */
  constructor(limit = 65536 * PAGE) {
    const { memory, maximum } = reserve(Math.max(INITIAL_PAGES, Math.floor(limit / PAGE)));
    this.memory = memory;
    this.#maximum = maximum * PAGE;
    this.#floats = new Float32Array(this.memory.buffer);
    this.#integers = new Int32Array(this.memory.buffer);
  }

  /** The whole memory as float32; ask anew after every allocation. */
  get floats(): Float32Array {
    this.#refresh();
    return this.#floats;
  }

  get integers(): Int32Array {
    this.#refresh();
    return this.#integers;
  }

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** How many bytes are taken. */
  get used(): number {
    return this.#top;
  }

  /** How many bytes can be taken in all: what WebAssembly can hold, or what the machine has left if that is less. */
  get limit(): number {
    const left = globalThis.process?.availableMemory?.() ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#maximum, this.bytes + left);
  }

  /** @throws OutOfMemoryError if the memory cannot grow that far */
  take(bytes: number): number {
    const start = this.#top;
    const end = start + align(bytes);
    const missing = Math.ceil((end - this.bytes) / PAGE);
    if (missing > 0) {
      try {
        this.memory.grow(missing);
      } catch {
        throw new OutOfMemoryError('this', end, this.limit);
      }
    }
    this.#top = end;
    return start;
  }

  #refresh(): void {
    if (this.#floats.buffer === this.memory.buffer) return;
    this.#floats = new Float32Array(this.memory.buffer);
    this.#integers = new Int32Array(this.memory.buffer);
  }
}

/** Where an arena takes its chunks from. */
export interface Heap {
  take(bytes: number): number;
}

/** A stack of memory made of chunks; `rewind` frees everything in it at once and keeps the chunks. */
export class Arena {
  readonly #heap: Heap;
  readonly #chunkBytes: number;
  readonly #chunks: { start: number; bytes: number }[] = [];
  #chunk = 0;
  #used = 0;

  constructor(heap: Heap, chunkBytes: number) {
    this.#heap = heap;
    this.#chunkBytes = chunkBytes;
  }

  /** The address of `bytes` bytes, aligned to a cache line. */
  take(bytes: number): number {
    const size = align(bytes);
    while (this.#chunk < this.#chunks.length) {
      const chunk = this.#chunks[this.#chunk];
      if (this.#used + size <= chunk.bytes) {
        const start = chunk.start + this.#used;
        this.#used += size;
        return start;
      }
      this.#chunk++;
      this.#used = 0;
    }
    const chunkBytes = Math.max(size, this.#chunkBytes);
    this.#chunks.push({ start: this.#heap.take(chunkBytes), bytes: chunkBytes });
    this.#used = size;
    return this.#chunks[this.#chunk].start;
  }

  /** Of all chunks. */
  get bytes(): number {
    return this.#chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  rewind(): void {
    this.#chunk = 0;
    this.#used = 0;
  }
}

export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Some engines refuse to reserve 4 GiB of addresses: ask for less until they agree. */
function reserve(maximumPages: number): { memory: WebAssembly.Memory; maximum: number } {
  for (let maximum = maximumPages; ; maximum = Math.floor(maximum / 2)) {
    try {
      return { memory: new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true }), maximum };
    } catch (error) {
      if (maximum < 1024) throw error;
    }
  }
}
