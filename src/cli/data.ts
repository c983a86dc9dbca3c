/** @file `egnn data`: makes or reads data sets, and keeps them in the cache. */
import type { Command } from 'commander';
import { addNBodyDataCommand } from './data-nbody.ts';
import { addQM9DataCommand } from './data-qm9.ts';

export function addDataCommand(program: Command): void {
  const data = program.command('data').description('make or read a data set');
  addNBodyDataCommand(data);
  addQM9DataCommand(data);
}
