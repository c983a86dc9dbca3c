import { checkCount } from './edge-index.ts';

/** A growing list of int32: edges are appended without knowing their number beforehand. */
export class IntList {
  values = new Int32Array(1024);
  length = 0;

  /** Makes room for `extra` more values; `values` may be another array afterwards. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.values.length) return;
    const grown = new Int32Array(checkCount(Math.max(needed, Math.ceil(this.values.length * 1.6)), 'edges'));
    grown.set(this.values.subarray(0, this.length));
    this.values = grown;
  }
}
