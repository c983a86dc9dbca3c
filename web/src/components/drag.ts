/** @file Dragging over a picture with the mouse, a pen or a finger. */

export interface DragMove {
  /** Pixels since the last call; y grows downwards. */
  readonly dx: number;
  readonly dy: number;
  /** Where the pointer is, in pixels from the middle of the picture. */
  readonly x: number;
  readonly y: number;
  /** With the shift key or the right button: to move instead of turning. */
  readonly secondary: boolean;
}

/** The page scrolls up and down under a finger all the same, where the style says `touch-action: pan-y`. */
export function onDrag(target: HTMLElement, move: (move: DragMove) => void, signal: AbortSignal): void {
  let last: { id: number; x: number; y: number; secondary: boolean } | undefined;
  const end = (event: PointerEvent) => {
    if (event.pointerId === last?.id) last = undefined;
  };
  target.addEventListener(
    'pointerdown',
    (event) => {
      if (last || (event.button !== 0 && event.button !== 2)) return;
      target.setPointerCapture(event.pointerId);
      const secondary = event.button === 2 || event.shiftKey;
      last = { id: event.pointerId, x: event.clientX, y: event.clientY, secondary };
    },
    { signal },
  );
  target.addEventListener(
    'pointermove',
    (event) => {
      if (event.pointerId !== last?.id) return;
      const { left, top, width, height } = target.getBoundingClientRect();
      const { clientX, clientY } = event;
      const { secondary } = last;
      const [dx, dy] = [clientX - last.x, clientY - last.y];
      last = { id: event.pointerId, x: clientX, y: clientY, secondary };
      move({ dx, dy, x: clientX - left - width / 2, y: clientY - top - height / 2, secondary });
    },
    { signal },
  );
  target.addEventListener('pointerup', end, { signal });
  target.addEventListener('pointercancel', end, { signal });
  target.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
}
