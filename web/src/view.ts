/** @file What a view of the playground is, and what it is given. One folder a view: `views/NAME/index.ts` exports it. */
import type { Compute } from './compute/client.ts';
import type { UrlState } from './url-state.ts';

export interface ViewContext {
  /** The view's settings, kept in its address, so that a link or a reload shows the same. */
  readonly state: UrlState;
  /** Runs the functions of the view's `compute.ts` in a worker, where the engine lives. */
  readonly compute: Compute;
  /** Aborted when the view is left: listeners, animation frames, three.js scenes and running jobs end with it. */
  readonly signal: AbortSignal;
}

export interface View {
  /** As it stands in the navigation and the window's title. */
  readonly title: string;
  /** Builds the view inside of `root`, an empty element. */
  mount(root: HTMLElement, context: ViewContext): void | Promise<void>;
}
