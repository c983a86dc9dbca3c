/**
 * @file What the page does, as the text of a classic script. What comes from users and the server becomes text and never
 * markup. It has no templates of its own, so that it can stand in one, where backslashes stay what they are.
 */
import { forms } from './page-examples.ts';

export const script = String.raw`
const forms = ${JSON.stringify(forms)};
// More would hold up the browser, and nobody reads it here.
const MAX_ROWS = 200;
const MAX_CHARACTERS = 200000;

const byId = (id) => document.getElementById(id);
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
// The texts of users, by kind and type; where there is none, the example is shown.
const typed = {};
// By kind, the type that was last chosen.
const types = {};
let models = [];
let isAsking = false;

const model = () => models.find(({ name }) => name === byId('model').value);
const typedKey = () => model().kind + ' ' + byId('type').value;
const key = () => byId('key').value.trim();
const headers = (more) => (key() ? { ...more, authorization: 'Bearer ' + key() } : more);

function tell(text, isBad = false) {
  byId('message').textContent = text;
  byId('message').className = isBad ? 'bad' : '';
}
function fill(select, options, wanted) {
  select.replaceChildren(...options.map(([value, textContent]) => make('option', { value, textContent })));
  if (options.some(([value]) => value === wanted)) select.value = wanted;
}

function exampleOf({ kind, inputFeatures, edgeFeatures, nodeAttributes, velocity }, type) {
  const { example } = forms[kind][type];
  if (example) return example;
  // From 0 to 1, since features may be speeds or distances.
  const number = (seed) => Math.round(100 * Math.abs(Math.sin(seed))) / 100;
  const rows = (count, width, seed) =>
    Array.from({ length: count }, (_, i) => Array.from({ length: width }, (_, k) => number(seed + 7 * i + k)));
  const graph = (name, seed) => {
    const keys = { name, X: rows(3, inputFeatures, seed), C: [[0, 0, 0], [1, 0, 0], [0, 1, 0]], E: [[0, 1, 1, 2], [1, 0, 2, 1]] };
    if (edgeFeatures) keys.A = rows(4, edgeFeatures, seed + 1);
    if (velocity) keys.V = rows(3, 3, seed + 2);
    if (nodeAttributes) keys.B = rows(3, nodeAttributes, seed + 3);
    return keys;
  };
  if (type === 'application/x-ndjson') return [graph('first', 1), graph('second', 2)].map((each) => JSON.stringify(each) + '\n').join('');
  const keys = Object.entries(graph('path', 1)).map(([name, value]) => '  "' + name + '": ' + JSON.stringify(value));
  return '{"graphs": [{\n' + keys.join(',\n') + '\n}]}\n';
}
function showModel() {
  const { kind, elements, outputs = [], inputFeatures, edgeFeatures, nodeAttributes, velocity } = model();
  const isMolecules = kind === 'molecules';
  fill(byId('type'), Object.entries(forms[kind]).map(([type, { title }]) => [type, title]), types[kind]);
  fill(byId('forces'), [['', 'none'], ...outputs.map(({ name }) => [name, 'of ' + name])], byId('forces').value);
  byId('forces-label').hidden = !isMolecules;
  const names = outputs.map(({ name, unit }) => name + (unit ? ' (' + unit + ')' : ''));
  const widths = [[inputFeatures, 'features a node'], [edgeFeatures, 'numbers an edge'], [nodeAttributes, 'attributes a node']];
  byId('about').textContent = isMolecules
    ? 'Predicts ' + names.join(', ') + ' of molecules of ' + elements.join(', ') + '.'
    : 'Predicts ' + (names.length ? names.join(', ') : 'features and coordinates') + ' of graphs; ' +
      widths.filter(([width]) => width).map(([width, what]) => what + ': ' + width).join(', ') + (velocity ? ', with velocities' : '') + '.';
  showInput();
}
function showInput() {
  byId('input').value = typed[typedKey()] || exampleOf(model(), byId('type').value);
  showExampleButton();
}
// Only beside an empty box, so that it cannot take away what was typed.
function showExampleButton() {
  byId('example').hidden = byId('input').value !== '';
}

async function load() {
  try {
    const response = await fetch('v1/models', { headers: headers({}) });
    const answer = await response.json();
    if (response.status === 401) byId('key-label').hidden = false;
    tell(response.ok ? '' : response.status + ': ' + answer.error.message, !response.ok);
    if (!response.ok) return;
    models = answer.models;
    fill(byId('model'), models.map(({ name }) => [name, name]), byId('model').value);
    byId('ask').disabled = false;
    showModel();
  } catch (error) {
    tell('no answer: ' + error.message, true);
  }
}

const short = (value) => String(Number(value.toPrecision(6)));
const titleOf = ({ index, name }) => '#' + index + (name === undefined ? '' : ' ' + name);
function table(caption, head, rows) {
  const cells = (texts, scope) =>
    texts.map((textContent, k) => make(k === 0 || scope === 'col' ? 'th' : 'td', k === 0 || scope === 'col' ? { textContent, scope } : { textContent }));
  const body = rows.map((texts) => make('tr', {}, ...cells(texts, 'row')));
  // The caption stands outside of what scrolls.
  return make('section', {}, make('h2', { textContent: caption }), make('div', { className: 'scroll', tabIndex: 0, role: 'region', ariaLabel: caption },
    make('table', { ariaLabel: caption }, make('thead', {}, make('tr', {}, ...cells(head, 'col'))), make('tbody', {}, ...body))));
}
// A row for each molecule, or for each output where there are more of these.
function tableOfValues(predictions, units) {
  const names = Object.keys(predictions[0].values);
  const grid = [
    ['', ...names.map((name) => name + (units[name] ? ' (' + units[name] + ')' : ''))],
    ...predictions.slice(0, MAX_ROWS).map((each) => [titleOf(each), ...names.map((name) => short(each.values[name]))]),
  ];
  const [head, ...rows] = names.length >= predictions.length ? grid[0].map((_, k) => grid.map((row) => row[k])) : grid;
  return table('Values', head, rows);
}
// Undefined for a molecule without forces.
function tableOfRows(prediction) {
  const { forces, h, x, v } = prediction;
  if (forces) {
    const what = 'Forces, -d ' + forces.of + ' / d position' + (forces.unit ? ' (' + forces.unit + ')' : '') + ': ' + titleOf(prediction);
    return table(what, ['atom', 'x', 'y', 'z'], forces.values.map((row, atom) => [String(atom), ...row.map(short)]));
  }
  const parts = Object.entries({ x, v, h }).filter(([, rows]) => rows);
  if (parts.length === 0) return undefined;
  const head = parts.flatMap(([letter, rows]) => rows[0].map((_, k) => letter + '[' + k + ']'));
  const rows = x.map((_, node) => [String(node), ...parts.flatMap(([, all]) => all[node].map(short))]);
  return table('Nodes: ' + titleOf(prediction), ['node', ...head], rows);
}
function tablesOf({ units, predictions }) {
  const failed = predictions.filter(({ error }) => error !== undefined);
  const good = predictions.filter(({ error }) => error === undefined);
  const tables = [];
  if (failed.length) tables.push(make('ul', { className: 'bad' },
    ...failed.slice(0, MAX_ROWS).map((each) => make('li', { textContent: titleOf(each) + ': not predicted: ' + each.error }))));
  if (good[0]?.values) tables.push(tableOfValues(good, units));
  let isCut = predictions.length > MAX_ROWS;
  let room = MAX_ROWS;
  for (const each of good) {
    const rows = tableOfRows(each);
    if (!rows) break;
    if (room <= 0) {
      isCut = true;
      break;
    }
    tables.push(rows);
    room -= each.atoms ?? each.nodes;
  }
  if (isCut) tables.push(make('p', { textContent: 'Long tables end here; the JSON has the rest.' }));
  return tables;
}

function curlOf(url, type, body) {
  const quote = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
  const parts = ['curl ' + quote(url), '-H ' + quote('content-type: ' + type)];
  // The key itself stays in its field.
  if (key()) parts.push('-H "authorization: Bearer $EGNN_API_KEY"');
  return [...parts, '--data-raw ' + quote(body)].join(' \\\n  ');
}
async function ask() {
  const { name, kind } = model();
  const type = byId('type').value;
  const body = byId('input').value;
  const forces = kind === 'molecules' ? byId('forces').value : '';
  const path = 'v1/models/' + encodeURIComponent(name) + '/predict' + (forces ? '?forces=' + encodeURIComponent(forces) : '');
  const url = new URL(path, location.href).href;
  byId('curl').textContent = curlOf(url, type, body);
  byId('copy').textContent = 'Copy';
  byId('predictions').replaceChildren();
  byId('json').textContent = '';
  byId('answer').hidden = false;
  tell('Asking ' + name + '.');
  const start = performance.now();
  const response = await fetch(url, { method: 'POST', headers: headers({ 'content-type': type }), body });
  const text = await response.text();
  const time = Math.round(performance.now() - start) + ' ms';
  byId('json').textContent = text.length > MAX_CHARACTERS ? text.slice(0, MAX_CHARACTERS) + ' [' + text.length + ' characters in all]' : text;
  if (response.status === 401) byId('key-label').hidden = false;
  const { error, predictions, units } = JSON.parse(text);
  if (error) return tell(response.status + ' after ' + time + ': ' + error.message, true);
  const failed = predictions.filter((each) => each.error !== undefined).length;
  const counts = predictions.length - failed + ' predicted' + (failed ? ', ' + failed + ' failed' : '');
  tell(response.status + ' after ' + time + ': ' + counts + ' by ' + name, !response.ok);
  byId('predictions').replaceChildren(...tablesOf({ units, predictions }));
}

byId('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  // The button stays enabled, since one that is disabled loses the focus.
  if (isAsking) return;
  isAsking = true;
  try {
    await ask();
  } catch (error) {
    tell('no answer: ' + error.message, true);
  } finally {
    isAsking = false;
  }
});
byId('model').addEventListener('change', showModel);
byId('type').addEventListener('change', () => {
  types[model().kind] = byId('type').value;
  showInput();
});
byId('input').addEventListener('input', () => {
  typed[typedKey()] = byId('input').value;
  showExampleButton();
});
byId('input').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) byId('form').requestSubmit();
});
byId('example').addEventListener('click', () => {
  showInput();
  byId('input').focus();
});
byId('key').addEventListener('change', load);
byId('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(byId('curl').textContent);
    byId('copy').textContent = 'Copied';
  } catch {
    // There is no clipboard without TLS, except on loopback.
    getSelection().selectAllChildren(byId('curl'));
    byId('copy').textContent = 'Selected: press Ctrl+C';
  }
});
load();
`;
