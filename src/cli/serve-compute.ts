/** @file The process in which `egnn serve` computes. */
import { serveCompute } from '../server/compute-process.ts';
import { openModel } from './open-model.ts';

serveCompute(openModel);
