/** @file The view Inside a layer: one node of a small graph, step by step through one layer, with the numbers. */
import './layer.css';
import { button, numberField, slider } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { latest } from '../../components/latest.ts';
import { scientific } from '../../components/scientific.ts';
import type { View, ViewContext } from '../../view.ts';
import type { LayerArgument, LayerResult } from './compute.ts';
import { equationPanel } from './equations.ts';
import { numberTable } from './numbers.ts';
import { graphPicture } from './picture.ts';
import { radialSection } from './radial-answer.ts';
import { limits, readSettings, type Settings, writeSettings } from './settings.ts';
import { stepList } from './step-list.ts';
import { symbols } from './symbols.ts';

export const view: View = { title: 'Inside a layer', mount };

function mount(root: HTMLElement, { state, compute, signal }: ViewContext): void {
  let settings = readSettings(state.get);
  let result: LayerResult | undefined;

  const problem = element('p', { className: 'notice error', hidden: true, attributes: { role: 'alert' } });
  const graph = element('div', { className: 'graph' });
  const legend = element('p', { className: 'muted legend' });
  const numbers = element('div');
  const check = element('p', { className: 'muted check' });
  const steps = stepList((step) => change({ step }));
  const equations = equationPanel();
  const radial = radialSection();
  const controls = createControls(() => settings, change);

  root.append(
    element('h1', {}, 'Inside a layer'),
    element(
      'p',
      { className: 'lead' },
      'What one layer does for one node, step by step. Choose a node in the picture with the mouse, or with Tab and Enter.',
    ),
    element(
      'div',
      { className: 'columns layer' },
      element(
        'div',
        { className: 'stack' },
        problem,
        element('figure', { className: 'panel' }, steps.pace, graph, legend),
        element('section', { className: 'panel', attributes: { 'aria-label': 'Numbers' } }, numbers, check),
        controls.element,
      ),
      element('div', { className: 'stack' }, equations.element, steps.element),
    ),
    radial.element,
  );

  function change(part: Partial<Settings>): void {
    const before = settings;
    settings = { ...settings, ...part };
    if (settings.node >= settings.nodes) settings = { ...settings, node: 0 };
    state.set(writeSettings(settings));
    controls.show(settings);
    const same = (['nodes', 'seed', 'turn'] as const).every((name) => before[name] === settings[name]);
    if (same) show();
    else run();
  }

  const run = latest(
    async () => {
      if (signal.aborted) return;
      const { nodes, seed, turn } = settings;
      const argument: LayerArgument = { nodes, seed, turn };
      result = await compute.call<LayerResult>('layer', 'runLayer', argument, { signal });
      problem.hidden = true;
      show();
      root.dataset.ready = 'true';
    },
    (error) => {
      if (signal.aborted) return;
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
    },
  );

  function show(): void {
    steps.show(settings.step);
    equations.show(settings.step);
    // The next result comes soon where the number of nodes has just changed.
    if (!result || settings.node >= result.traces.length) return;
    const { node, step } = settings;
    const hadFocus = graph.contains(document.activeElement);
    graph.replaceChildren(graphPicture(result, node, step, (chosen) => change({ node: chosen })));
    if (hadFocus) graph.querySelector<SVGElement>('[aria-pressed="true"]')?.focus();
    legend.replaceChildren(...symbols(legends[step]));
    numbers.replaceChildren(numberTable(result, node, step));
    check.replaceChildren(
      `Node i is node ${node + 1}. The layer’s own output, in float32, differs from these numbers by at most `,
      scientific(result.difference),
      '.',
    );
    radial.show(result, node);
  }

  state.onChange(() => {
    settings = readSettings(state.get);
    controls.show(settings);
    show();
    run();
  }, signal);
  show();
  run();
}

/** What the marks of the picture are, where they do not say so themselves. */
const legends: Record<Settings['step'], string> = {
  inputs: 'On each edge: the squared distance.',
  message: 'On each edge: the four numbers of the message. Blue is positive, orange negative.',
  gate: 'On each edge: its gate, which is also how dense the edge is.',
  weight: 'On each edge: φ_x of the gated message.',
  terms: 'Blue arrows push away from their neighbour, orange ones pull towards it.',
  sum: 'The arrows of the step before, head to tail; thick, their sum.',
  moved: 'Where the nodes go.',
  received: 'On each edge: the gated message. Under the node: their sum.',
  features: 'Under the node: its features before and after. Blue is positive, orange negative.',
};

function createControls(settings: () => Settings, change: (part: Partial<Settings>) => void) {
  const { nodes: count, seed: drawn, turn: degrees } = settings();
  const turn = slider({
    label: 'Turn the graph',
    ...limits.turn,
    step: 1,
    value: degrees,
    format: (value) => `${value}°`,
    onInput: (value) => change({ turn: value }),
  });
  const nodes = slider({
    label: 'Nodes',
    ...limits.nodes,
    step: 1,
    value: count,
    onInput: (value) => change({ nodes: value }),
  });
  const seed = numberField({
    label: 'Seed',
    ...limits.seed,
    value: drawn,
    onChange: (value) => change({ seed: value }),
  });
  const another = button('Another graph', () =>
    change({ seed: (settings().seed + 1) % (limits.seed.max + 1) }),
  );
  return {
    element: element(
      'section',
      { className: 'panel stack', attributes: { 'aria-label': 'Graph' } },
      element('h2', {}, 'Graph'),
      turn.element,
      nodes.element,
      element('div', { className: 'row seed' }, seed.element, another),
      element(
        'p',
        { className: 'muted note' },
        'A layer with attention, SiLU and widths of 3 (h), 4 (m) and 8. Its weights are random, multiplied by 3, those of ' +
          'the coordinate head by 400, so that points move visibly without training.',
      ),
    ),
    show({ turn: angle, nodes: number, seed: value }: Settings) {
      turn.set(angle);
      nodes.set(number);
      seed.set(value);
    },
  };
}
