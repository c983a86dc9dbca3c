/** @file The error of work that needs more memory than there is. */

/** Nothing was computed, or what was is lost; the engine can go on with something smaller. */
export class OutOfMemoryError extends RangeError {
  override name = 'OutOfMemoryError';

  /** @param what needs so many bytes @param limit how many there can be */
  constructor(what: string, needed: number, limit: number) {
    super(
      `out of memory: ${what} needs ${mebibytes(needed)} MiB and there are at most ${mebibytes(limit)} MiB; use smaller batches or graphs, or fewer edges (those within a radius, or the nearest, instead of all pairs)`,
    );
  }
}

function mebibytes(bytes: number): string {
  return Math.ceil(bytes / 2 ** 20).toLocaleString('en');
}
