/** @file The picture: particles now, where they come from and go, where the models believe them to be 1,000 steps later. */
import type { Camera, Frame } from './camera.ts';
import { MOMENTS_AHEAD, type Run } from './run.ts';

/** Colours of the theme. */
export interface Palette {
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  readonly border: string;
  readonly positive: string;
  readonly negative: string;
}

export interface Drawing {
  readonly run: Run;
  /** [501, N, 3] each; undefined while there is none */
  readonly predicted: Float32Array | undefined;
  readonly extrapolated: Float32Array;
  /** May lie between two recorded moments. */
  readonly moment: number;
  readonly frame: Frame;
  readonly camera: Camera;
  readonly palette: Palette;
  /** Which particle is chosen, where the start is edited. */
  readonly chosen: number | undefined;
  /** Whether the velocities are drawn as arrows that can be dragged, and predictions are not. */
  readonly editing: boolean;
}

/** In space, the length of the arrow of a velocity of 1. */
export const ARROW_LENGTH = 1;

/** Pixels. @param charge larger charges are drawn larger */
export function radiusOf(charge: number, camera: Camera): number {
  return Math.min(16, Math.max(9, 0.13 * camera.scale)) * (Math.abs(charge) > 1 ? 1.25 : 1);
}

export function draw(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { width, height } = context.canvas.getBoundingClientRect();
  context.clearRect(0, 0, width, height);
  drawCube(context, drawing);
  drawPaths(context, drawing);
  if (!drawing.editing) drawPredictions(context, drawing);
  drawParticles(context, drawing);
}

/** A cube about the frame, which shows how the picture is turned. */
function drawCube(context: CanvasRenderingContext2D, { camera, frame, palette }: Drawing): void {
  const half = frame.radius / Math.sqrt(3);
  const corner = (bits: number) => {
    const [x, y, z] = frame.centre.map((c, k) => c + (bits & (1 << k) ? half : -half));
    return camera.project(x, y, z);
  };
  context.strokeStyle = palette.border;
  context.lineWidth = 1;
  for (let bits = 0; bits < 8; bits++)
    for (let k = 0; k < 3; k++) {
      if (bits & (1 << k)) continue;
      const [a, b] = [corner(bits), corner(bits | (1 << k))];
      // Edges behind are fainter.
      context.globalAlpha = a.depth + b.depth > 0 ? 0.9 : 0.4;
      line(context, a, b);
    }
  context.globalAlpha = 1;
}

/** The last 1,000 steps as a fading line, the next 1,000 dotted. */
function drawPaths(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { run, moment, palette } = drawing;
  const last = run.positions.length / (3 * run.charges.length) - 1;
  for (const [i, charge] of run.charges.entries()) {
    context.strokeStyle = colourOf(charge, palette);
    context.lineWidth = 2.5;
    const start = Math.max(0, Math.ceil(moment) - MOMENTS_AHEAD);
    for (let from = start; from < moment; from += 4) {
      const to = Math.min(from + 4, moment);
      context.globalAlpha = 0.08 + 0.62 * (1 - (moment - from) / MOMENTS_AHEAD);
      path(context, drawing, i, from, to);
    }
    context.globalAlpha = 0.55;
    context.lineWidth = 1.5;
    context.setLineDash([1, 5]);
    path(context, drawing, i, moment, Math.min(last, moment + MOMENTS_AHEAD));
    context.setLineDash([]);
  }
  context.globalAlpha = 1;
}

function path(
  context: CanvasRenderingContext2D,
  { run, camera }: Drawing,
  particle: number,
  from: number,
  to: number,
): void {
  context.beginPath();
  const add = (moment: number) => {
    const { x, y } = camera.project(...placeAt(run.positions, run.charges.length, particle, moment));
    context.lineTo(x, y);
  };
  add(from);
  for (let moment = Math.floor(from) + 1; moment < to; moment++) add(moment);
  add(to);
  context.stroke();
}

function drawPredictions(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { run, predicted, extrapolated, moment, camera, palette } = drawing;
  const count = run.charges.length;
  for (const [i, charge] of run.charges.entries()) {
    const at = (values: Float32Array, shift = 0) =>
      camera.project(...placeAt(values, count, i, moment + shift));
    const truth = at(run.positions, MOMENTS_AHEAD);
    const straight = at(extrapolated);
    const radius = radiusOf(charge, camera);
    const colour = colourOf(charge, palette);

    context.globalAlpha = 0.8;
    context.strokeStyle = palette.muted;
    context.lineWidth = 1;
    line(context, truth, straight);
    context.globalAlpha = 1;
    context.lineWidth = 2.5;
    cross(context, straight, 0.5 * radius);

    if (predicted) {
      const ghost = at(predicted);
      context.strokeStyle = colour;
      context.lineWidth = 2;
      line(context, truth, ghost);
      context.globalAlpha = 0.35;
      context.fillStyle = colour;
      disc(context, ghost, radius);
      context.fill();
      context.globalAlpha = 1;
    }
    context.strokeStyle = colour;
    context.lineWidth = 2;
    disc(context, truth, radius + 2);
    context.stroke();
  }
}

/** Those behind first. */
function drawParticles(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { run, moment, camera, palette, chosen, editing } = drawing;
  const count = run.charges.length;
  const places = run.charges.map((charge, i) => ({
    i,
    charge,
    at: camera.project(...placeAt(run.positions, count, i, moment)),
  }));
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { i, charge, at } of places.sort((a, b) => a.at.depth - b.at.depth)) {
    if (editing) drawArrow(context, drawing, i);
    const radius = radiusOf(charge, camera);
    context.fillStyle = colourOf(charge, palette);
    context.strokeStyle = palette.surface;
    context.lineWidth = 2;
    disc(context, at, radius);
    context.fill();
    context.stroke();
    context.fillStyle = palette.surface;
    const size = Math.round((Math.abs(charge) > 1 ? 0.95 : 1.25) * radius);
    context.font = `bold ${size}px system-ui, sans-serif`;
    const sign = charge > 0 ? '+' : '−';
    context.fillText(Math.abs(charge) > 1 ? `${Math.abs(charge)}${sign}` : sign, at.x, at.y + 1);
    if (i !== chosen) continue;
    context.strokeStyle = palette.text;
    disc(context, at, radius + 4);
    context.stroke();
  }
}

function drawArrow(context: CanvasRenderingContext2D, drawing: Drawing, particle: number): void {
  const { run, camera, palette } = drawing;
  const from = camera.project(...placeAt(run.positions, run.charges.length, particle, 0));
  const to = arrowTip(drawing, particle);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  context.strokeStyle = palette.text;
  context.fillStyle = palette.text;
  context.lineWidth = 2;
  line(context, from, to);
  if (length < 1) return;
  const [ux, uy] = [dx / length, dy / length];
  context.beginPath();
  context.moveTo(to.x + 4 * ux, to.y + 4 * uy);
  context.lineTo(to.x - 6 * ux - 5 * uy, to.y - 6 * uy + 5 * ux);
  context.lineTo(to.x - 6 * ux + 5 * uy, to.y - 6 * uy - 5 * ux);
  context.fill();
}

/** Where the arrow of a velocity ends, in the picture. */
export function arrowTip({ run, camera }: Pick<Drawing, 'run' | 'camera'>, particle: number) {
  const [x, y, z] = placeAt(run.positions, run.charges.length, particle, 0);
  const [u, v, w] = placeAt(run.velocities, run.charges.length, particle, 0);
  return camera.project(x + ARROW_LENGTH * u, y + ARROW_LENGTH * v, z + ARROW_LENGTH * w);
}

/** A particle between two recorded moments. @param values [moments, count, 3] */
export function placeAt(
  values: ArrayLike<number>,
  count: number,
  particle: number,
  moment: number,
): [number, number, number] {
  const moments = values.length / (3 * count);
  const before = Math.min(Math.floor(moment), moments - 1);
  const after = Math.min(before + 1, moments - 1);
  const share = moment - before;
  const [a, b] = [3 * (before * count + particle), 3 * (after * count + particle)];
  const at = (k: number) => values[a + k] + share * (values[b + k] - values[a + k]);
  return [at(0), at(1), at(2)];
}

function colourOf(charge: number, { positive, negative }: Palette): string {
  return charge > 0 ? positive : negative;
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

function line(context: CanvasRenderingContext2D, a: Spot, b: Spot): void {
  context.beginPath();
  context.moveTo(a.x, a.y);
  context.lineTo(b.x, b.y);
  context.stroke();
}

function disc(context: CanvasRenderingContext2D, { x, y }: Spot, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

function cross(context: CanvasRenderingContext2D, { x, y }: Spot, half: number): void {
  line(context, { x: x - half, y: y - half }, { x: x + half, y: y + half });
  line(context, { x: x - half, y: y + half }, { x: x + half, y: y - half });
}
