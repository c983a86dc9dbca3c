/** @file The rows for people: a table for the terminal and the same in Markdown, with the conditions above it. */
import { type PeerName, peerNames } from './cases.ts';
import type { Machine, OursRow, PeerRow, Row } from './rows.ts';

const peerTitles: Readonly<Record<PeerName, string>> = { torch: 'PyTorch', jax: 'JAX' };

export function conditions(machine: Machine, rounds: number): string[] {
  const { cpu, cores, memoryGB, system, threads, ours, peers, peakGflops } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGB.toFixed(0)} GB, ${system}; ${threads} threads for every side`,
    [ours, ...Object.values(peers)].filter((line) => line !== '').join('; '),
    `the bench's own matrix product: ${peakGflops.toFixed(0)} GFLOP/s on ${threads} threads ("of peak" refers to it)`,
    `medians over ${rounds} rounds in turn, +- half the interquartile range; ratio: the peer's median over ours`,
  ];
}

export function textTable(rows: readonly Row[]): string {
  const table = cells(rows);
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  const align = (line: string[]) =>
    line.map((cell, k) => (isText(k, line) ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))).join('  ');
  const [head, ...body] = table.map(align);
  return [head, '-'.repeat(head.length), ...body].map((line) => line.trimEnd()).join('\n');
}

export function markdownTable(rows: readonly Row[]): string {
  const [head, ...body] = cells(rows);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, k) => (isText(k, head) ? '---' : '---:'));
  return [head, rule, ...body].map(line).join('\n');
}

const isText = (column: number, line: readonly string[]) => column === 0 || column >= line.length - 2;

/** The head and a line a row; columns that nobody fills are left out. */
function cells(rows: readonly Row[]): string[][] {
  const peers = peerNames.filter((name) => rows.some((row) => row.peers[name]));
  const head = ['case', 'ours', 'GFLOP/s', 'of peak', 'peak MB'];
  for (const name of peers) head.push(peerTitles[name], 'ratio', 'goal');
  head.push('goals', 'remarks');
  const lines = rows.map((row) => {
    const { gflops, shareOfPeak, peakMB } = row.ours;
    const line = [
      row.case,
      figure(row.ours),
      gflops === undefined ? '' : gflops.toFixed(gflops < 10 ? 1 : 0),
      shareOfPeak === undefined ? '' : `${(100 * shareOfPeak).toFixed(0)} %`,
      peakMB === undefined ? '' : peakMB.toFixed(0),
    ];
    for (const name of peers) line.push(...peerCells(row.peers[name]));
    line.push(row.goals.map(({ wanted, met }) => `${met ? 'met' : 'MISSED'}: ${wanted}`).join('; '));
    line.push(row.error ? `FAILED: ${row.error}` : (row.note ?? ''));
    return line;
  });
  return [head, ...lines];
}

function peerCells(peer: PeerRow | undefined): string[] {
  if (!peer) return ['', '', ''];
  return [time(peer.ms, peer.quartiles), peer.ratio.toFixed(2), String(peer.goal ?? '')];
}

function figure({ ms, quartiles, value, unit }: OursRow): string {
  if (value !== undefined) return `${value.toPrecision(3)} ${unit}`;
  return ms === undefined ? '' : time(ms, quartiles);
}

/** `3.71 ms +- 0.05` */
function time(ms: number, quartiles: readonly [number, number] | undefined): string {
  const digits = ms < 10 ? 2 : ms < 100 ? 1 : 0;
  const spread = quartiles ? ` +- ${((quartiles[1] - quartiles[0]) / 2).toFixed(digits)}` : '';
  return `${ms.toFixed(digits)} ms${spread}`;
}
