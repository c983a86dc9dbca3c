/** @file The canvas: its size, its colours, turning and enlarging it, and putting particles down by hand. */
import { element } from '../../components/dom.ts';
import { onThemeChange, themeColour } from '../../theme.ts';
import { type Camera, type CameraSettings, createCamera, type Vector } from './camera.ts';
import { ARROW_LENGTH, arrowTip, type Drawing, draw, type Palette, radiusOf } from './drawing.ts';

/** What the picture shows, but for what it knows itself. */
export type Content = Omit<Drawing, 'camera' | 'palette'>;

/** What hands do to it. */
export interface PictureEvents {
  /** The angles and the zoom that follow from turning and enlarging. */
  onCamera(camera: CameraSettings): void;
  onTogglePlay(): void;
  onChoose(particle: number | undefined): void;
  onMove(particle: number, by: Vector): void;
  onAccelerate(particle: number, by: Vector): void;
  /** A new particle, put down and drawn out to its velocity. */
  onAdd(position: Vector, velocity: Vector): void;
  onRemove(particle: number): void;
}

export interface Picture {
  readonly canvas: HTMLCanvasElement;
  /** Draws at the next frame. */
  show(content: Content, camera: CameraSettings): void;
}

const DEGREES_PER_PIXEL = 0.4;
const DEGREES_PER_KEY = 10;
const ZOOM_PER_KEY = 1.25;
/** Fingers are wide. */
const GRASP = 22;

export function createPicture(events: PictureEvents, signal: AbortSignal): Picture {
  const canvas = element('canvas', {
    className: 'system-picture',
    tabIndex: 0,
    attributes: { role: 'img', 'aria-describedby': 'picture-keys' },
  });
  const context = canvas.getContext('2d')!;
  let shown: { content: Content; settings: CameraSettings } | undefined;
  let palette = readPalette();
  let requested = 0;

  const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight });
  const camera = (): Camera => {
    const { width, height } = size();
    return createCamera(shown!.settings, shown!.content.frame, width, height);
  };
  const invalidate = () => {
    if (requested === 0 && !signal.aborted)
      requested = requestAnimationFrame(() => {
        requested = 0;
        if (shown && canvas.clientWidth > 0) draw(context, { ...shown.content, camera: camera(), palette });
      });
  };
  const observer = new ResizeObserver(() => {
    const ratio = Math.min(2, devicePixelRatio);
    const { width, height } = size();
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    invalidate();
  });
  observer.observe(canvas);
  onThemeChange(() => {
    palette = readPalette();
    invalidate();
  }, signal);
  signal.addEventListener('abort', () => {
    observer.disconnect();
    cancelAnimationFrame(requested);
  });

  const turn = (dx: number, dy: number) => {
    const { settings } = shown!;
    const yaw = (((settings.yaw + dx + 180) % 360) + 360) % 360;
    const pitch = Math.min(90, Math.max(-90, settings.pitch + dy));
    events.onCamera({ ...settings, yaw: rounded(yaw - 180), pitch: rounded(pitch) });
  };
  const enlarge = (factor: number) => {
    const { settings } = shown!;
    const zoom = Math.min(8, Math.max(0.25, settings.zoom * factor));
    events.onCamera({ ...settings, zoom: Number(zoom.toFixed(2)) });
  };

  /** What lies below the pointer, where the start is edited. */
  const grasp = (x: number, y: number): { particle: number; part: 'position' | 'velocity' } | undefined => {
    const { content } = shown!;
    const view = camera();
    const { run } = content;
    let nearest: ReturnType<typeof grasp>;
    let least = GRASP;
    for (const [particle, charge] of run.charges.entries()) {
      const [px, py, pz] = run.positions.subarray(3 * particle, 3 * particle + 3);
      const body = view.project(px, py, pz);
      const tip = arrowTip({ run, camera: view }, particle);
      const toBody = Math.max(0, Math.hypot(body.x - x, body.y - y) - radiusOf(charge, view));
      const toTip = Math.hypot(tip.x - x, tip.y - y);
      for (const [part, distance] of [
        ['position', toBody],
        ['velocity', toTip],
      ] as const)
        if (distance < least) {
          least = distance;
          nearest = { particle, part };
        }
    }
    return nearest;
  };

  type Gesture =
    | { kind: 'turn' }
    | { kind: 'position' | 'velocity'; particle: number }
    | { kind: 'add'; from: { x: number; y: number } };
  let gesture: (Gesture & { id: number; x: number; y: number }) | undefined;
  const place = (event: PointerEvent) => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  canvas.addEventListener(
    'pointerdown',
    (event) => {
      if (!shown || gesture || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const at = place(event);
      const found = shown.content.editing && !event.shiftKey ? grasp(at.x, at.y) : undefined;
      const kind: Gesture = found
        ? { kind: found.part, particle: found.particle }
        : shown.content.editing && !event.shiftKey
          ? { kind: 'add', from: at }
          : { kind: 'turn' };
      if (shown.content.editing) events.onChoose(found?.particle);
      gesture = { ...kind, id: event.pointerId, ...at };
    },
    { signal },
  );
  canvas.addEventListener(
    'pointermove',
    (event) => {
      if (!gesture || gesture.id !== event.pointerId) return;
      const at = place(event);
      const [dx, dy] = [at.x - gesture.x, at.y - gesture.y];
      gesture = { ...gesture, ...at };
      if (gesture.kind === 'turn') turn(dx * DEGREES_PER_PIXEL, dy * DEGREES_PER_PIXEL);
      else if (gesture.kind === 'position') events.onMove(gesture.particle, camera().unproject(dx, dy));
      else if (gesture.kind === 'velocity') {
        const [u, v, w] = camera().unproject(dx / ARROW_LENGTH, dy / ARROW_LENGTH);
        events.onAccelerate(gesture.particle, [u, v, w]);
      }
    },
    { signal },
  );
  const end = (event: PointerEvent) => {
    if (gesture?.id !== event.pointerId) return;
    if (gesture.kind === 'add' && event.type === 'pointerup') {
      const { from, x, y } = gesture;
      const view = camera();
      const velocity = view.unproject((x - from.x) / ARROW_LENGTH, (y - from.y) / ARROW_LENGTH);
      events.onAdd(view.pointAt(from.x, from.y), velocity);
    }
    gesture = undefined;
  };
  canvas.addEventListener('pointerup', end, { signal });
  canvas.addEventListener('pointercancel', end, { signal });
  canvas.addEventListener(
    'wheel',
    (event) => {
      // Without a key the page scrolls.
      if (!event.ctrlKey && !event.shiftKey) return;
      event.preventDefault();
      enlarge(Math.exp(-(event.deltaY || event.deltaX) / 300));
    },
    { signal, passive: false },
  );
  canvas.addEventListener(
    'keydown',
    (event) => {
      if (!shown || event.altKey || event.ctrlKey || event.metaKey) return;
      const { chosen, editing } = shown.content;
      const actions: Record<string, () => void> = {
        ArrowLeft: () => turn(-DEGREES_PER_KEY, 0),
        ArrowRight: () => turn(DEGREES_PER_KEY, 0),
        ArrowUp: () => turn(0, -DEGREES_PER_KEY),
        ArrowDown: () => turn(0, DEGREES_PER_KEY),
        '+': () => enlarge(ZOOM_PER_KEY),
        '-': () => enlarge(1 / ZOOM_PER_KEY),
        ' ': events.onTogglePlay,
      };
      if (editing && chosen !== undefined) {
        actions.Delete = () => events.onRemove(chosen);
        actions.Backspace = actions.Delete;
      }
      if (!Object.hasOwn(actions, event.key)) return;
      event.preventDefault();
      actions[event.key]();
    },
    { signal },
  );

  return {
    canvas,
    show(content, settings) {
      shown = { content, settings };
      canvas.classList.toggle('editing', content.editing);
      invalidate();
    },
  };
}

function rounded(degrees: number): number {
  return Number(degrees.toFixed(1)) + 0;
}

function readPalette(): Palette {
  return {
    surface: themeColour('--surface'),
    text: themeColour('--text'),
    muted: themeColour('--muted'),
    border: themeColour('--border'),
    positive: themeColour('--accent-2'),
    negative: themeColour('--accent'),
  };
}
