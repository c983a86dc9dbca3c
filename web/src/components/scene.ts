/**
 * @file A picture in space with three: renderer, camera and light inside of an element, drawn anew when something has
 * changed and not otherwise. It brings three along: import it dynamically (`await import('.../scene.ts')`), so that a page without
 * such a picture does not load it.
 */
import {
  AmbientLight,
  type Camera,
  DirectionalLight,
  type Material,
  type Mesh,
  OrthographicCamera,
  PerspectiveCamera,
  WebGLRenderer,
  Scene as World,
} from 'three';
import { onThemeChange } from '../theme.ts';

export interface Scene {
  /** What is drawn; put objects into it. */
  readonly world: World;
  readonly canvas: HTMLCanvasElement;
  readonly camera: Camera;
  /** Draws at the next frame; call it after a change. */
  invalidate(): void;
  /** A ball of this radius about the origin fits into the picture. */
  fit(radius: number): void;
  /** How many units of the world a pixel is at the origin. */
  unitsPerPixel(): number;
}

export interface SceneOptions {
  /** 2 looks straight down on the plane, without perspective. */
  readonly dimension: 2 | 3;
  readonly radius: number;
  /** Its colours, which depend on the theme; called at once and after each change of the theme. */
  recolour(): void;
  /** Ends the picture and frees its memory. */
  readonly signal: AbortSignal;
}

const FIELD_OF_VIEW = 30;

/** @throws Error where the browser has no WebGL */
export function createScene(root: HTMLElement, options: SceneOptions): Scene {
  const { signal, recolour } = options;
  const renderer = createRenderer();
  const canvas = renderer.domElement;
  const world = new World();
  const light = new DirectionalLight(0xffffff, 2);
  light.position.set(-2, 3, 4);
  world.add(light, new AmbientLight(0xffffff, 1.6));
  const camera = options.dimension === 2 ? new OrthographicCamera() : new PerspectiveCamera(FIELD_OF_VIEW);

  let radius = options.radius;
  let size = { width: 1, height: 1 };
  let frame = 0;
  const invalidate = () => {
    if (frame === 0 && !signal.aborted)
      frame = requestAnimationFrame(() => {
        frame = 0;
        renderer.render(world, camera);
      });
  };
  const place = () => {
    const { width, height } = size;
    const [across, up] = width > height ? [width / height, 1] : [1, height / width];
    if (camera instanceof PerspectiveCamera) {
      camera.aspect = width / height;
      const narrow = Math.atan(Math.tan((FIELD_OF_VIEW * Math.PI) / 360) * Math.min(1, width / height));
      camera.position.set(0, 0, radius / Math.sin(narrow));
      camera.far = 4 * camera.position.z;
    } else {
      Object.assign(camera, {
        left: -radius * across,
        right: radius * across,
        top: radius * up,
        bottom: -radius * up,
      });
      camera.position.set(0, 0, 100);
      camera.far = 200;
    }
    camera.updateProjectionMatrix();
    invalidate();
  };
  const observer = new ResizeObserver(() => {
    size = { width: Math.max(1, root.clientWidth), height: Math.max(1, root.clientHeight) };
    renderer.setSize(size.width, size.height);
    place();
  });
  const colour = () => {
    recolour();
    invalidate();
  };

  root.append(canvas);
  observer.observe(root);
  onThemeChange(colour, signal);
  signal.addEventListener('abort', () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
    release(world);
    renderer.dispose();
    renderer.forceContextLoss();
    canvas.remove();
  });
  colour();
  place();
  return {
    world,
    canvas,
    camera,
    invalidate,
    fit(next) {
      if (next === radius) return;
      radius = next;
      place();
    },
    unitsPerPixel: () => (2 * radius) / Math.min(size.width, size.height),
  };
}

function createRenderer(): WebGLRenderer {
  try {
    const renderer = new WebGLRenderer({ antialias: true, alpha: true });
    renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    return renderer;
  } catch (cause) {
    throw new Error('this browser shows no 3D pictures: WebGL is missing or switched off', { cause });
  }
}

/** Geometries and materials, which JavaScript's garbage collector does not see. */
function release(world: World): void {
  world.traverse((object) => {
    const { geometry, material } = object as Partial<Mesh>;
    geometry?.dispose();
    for (const one of [material ?? []].flat() as Material[]) one.dispose();
  });
}
