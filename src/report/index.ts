/**
 * @file Reports of runs: HTML pages, and plots as files. Imported only by those who write one: drawing takes a library that
 * takes a moment to load.
 */
import { writeWholeFile } from '../files.ts';
import { renderPage } from './page.ts';
import type { Report } from './report.ts';

export { comparisonReport } from './comparison.ts';
export { writePngFiles, writeSvgFiles } from './plot-files.ts';
export { figuresOf, type Report } from './report.ts';
export { type RunFacts, runReport } from './run-report.ts';

/** Replaces the file as a whole. */
export async function writeReport(path: string, report: Report): Promise<void> {
  await writeWholeFile(path, renderPage(report));
}
