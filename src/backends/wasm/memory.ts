/**
 * @file The linear memory that all threads share, handed out from the bottom up. Memory of a step is freed by
 * winding its arena back to the start; what lives longer comes from an arena that is never wound back.
 */
const PAGE = 65536;
/** Addresses below belong to the kernels' constants, and 0 means "absent". */
const RESERVED = 4096;
/** One cache line, so that threads never write to the same one. */
export const ALIGNMENT = 64;

export class SharedHeap {
  readonly memory: WebAssembly.Memory;
  #top = RESERVED;
  #floats: Float32Array;
  #integers: Int32Array;

  constructor(maximumPages = 65536) {
    this.memory = reserve(maximumPages);
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

  /** @throws RangeError if the memory cannot grow that far */
  take(bytes: number): number {
    const start = this.#top;
    const end = start + align(bytes);
    const missing = Math.ceil((end - this.bytes) / PAGE);
    if (missing > 0) {
      try {
        this.memory.grow(missing);
      } catch {
        throw new RangeError(
          `out of memory: ${Math.round(end / 2 ** 20)} MiB are needed, and WebAssembly can hold at most 4096 MiB or what the machine has; use smaller batches or graphs`,
        );
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

/** A stack of memory made of chunks; `rewind` frees everything in it at once and keeps the chunks. */
export class Arena {
  readonly #heap: SharedHeap;
  readonly #chunkBytes: number;
  readonly #chunks: { start: number; bytes: number }[] = [];
  #chunk = 0;
  #used = 0;

  constructor(heap: SharedHeap, chunkBytes: number) {
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

  rewind(): void {
    this.#chunk = 0;
    this.#used = 0;
  }
}

export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Some engines refuse to reserve 4 GiB of addresses: ask for less until they agree. */
function reserve(maximumPages: number): WebAssembly.Memory {
  for (let maximum = maximumPages; ; maximum = Math.floor(maximum / 2)) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared: true });
    } catch (error) {
      if (maximum < 1024) throw error;
    }
  }
}
