/** @file What the mouse and the keys do to g. */
import type { DragMove } from '../../components/drag.ts';
import { limits, type Settings } from './settings.ts';
import { identity, type Transform, turned } from './transform.ts';

const DEGREES_PER_PIXEL = 0.5;
const DEGREES_PER_KEY = 5;
const SHIFT_PER_KEY = 0.1;

/** @param unitsPerPixel of the picture, for shifts */
export function turnByDrag(
  { dimension, transform }: Pick<Settings, 'dimension' | 'transform'>,
  { dx, dy, x, y, secondary }: DragMove,
  unitsPerPixel: number,
): Partial<Transform> {
  if (secondary) return shifted(transform, [dx * unitsPerPixel, -dy * unitsPerPixel]);
  if (dimension === 3)
    return { angles: turned(transform.angles, [dy * DEGREES_PER_PIXEL, dx * DEGREES_PER_PIXEL, 0]) };
  // About the middle of the picture, by the angle that the pointer has gone round it; the page's y points down.
  const angle = Math.atan2(y - dy, x - dx) - Math.atan2(y, x);
  return { angles: [0, 0, wrapped(transform.angles[2] + (angle * 180) / Math.PI)] };
}

export function onKeys(
  target: HTMLElement,
  settings: () => Settings,
  change: (part: Partial<Transform>) => void,
  signal: AbortSignal,
): void {
  target.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const part = byKey(settings(), event.key, event.shiftKey);
      if (!part) return;
      event.preventDefault();
      change(part);
    },
    { signal },
  );
}

const arrows: Record<string, readonly [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** undefined for a key that does nothing */
export function byKey(
  { dimension, transform }: Pick<Settings, 'dimension' | 'transform'>,
  key: string,
  shift: boolean,
): Partial<Transform> | undefined {
  const arrow = Object.hasOwn(arrows, key) ? arrows[key] : undefined;
  if (arrow) {
    const [x, y] = arrow;
    if (shift) return shifted(transform, [x * SHIFT_PER_KEY, y * SHIFT_PER_KEY]);
    if (dimension === 3)
      return { angles: turned(transform.angles, [-y * DEGREES_PER_KEY, x * DEGREES_PER_KEY, 0]) };
    return { angles: [0, 0, wrapped(transform.angles[2] - (x - y) * DEGREES_PER_KEY)] };
  }
  if (key === 'm' || key === 'M') return { mirror: !transform.mirror };
  if (key === 's' || key === 'S') return { shuffle: (transform.shuffle % limits.seed.max) + 1 };
  if (key === '0') return identity;
  return undefined;
}

function shifted({ shift }: Transform, [x, y]: readonly [number, number]): Partial<Transform> {
  const { min, max } = limits.shift;
  const limited = (value: number) => Math.max(min, Math.min(max, value));
  return { shift: [limited(shift[0] + x), limited(shift[1] + y), shift[2]] };
}

function wrapped(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}
