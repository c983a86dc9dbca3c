/** @file A line of CSV as RFC 4180 has it, ended by \n. */

export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\n`;
}

/** Spaces at the ends are quoted too: many programs trim them otherwise. */
function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
