/** @file The page on which the server can be tried: one file, no other address, its script and style named by their digests. */
import { createHash } from 'node:crypto';

const style = `
:root { color-scheme: light dark; --line: light-dark(#c8ccd2, #4a4f57); --soft: light-dark(#f4f5f7, #202329); --strong: light-dark(#1a4fa0, #8ab4f8); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
p { margin: .25rem 0 1rem; }
a { color: var(--strong); }
form { display: grid; gap: .9rem; }
label { display: grid; gap: .25rem; font-weight: 600; }
.row { display: grid; gap: .9rem; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); }
select, input, textarea, button { font: inherit; font-weight: 400; padding: .45rem .6rem; border: 1px solid var(--line); border-radius: .4rem; background: transparent; color: inherit; min-width: 0; }
select option { color: initial; }
textarea, pre { font: 14px/1.45 ui-monospace, monospace; }
textarea { min-height: 10rem; resize: vertical; }
button { justify-self: start; background: var(--strong); border-color: var(--strong); color: light-dark(#fff, #10131a); font-weight: 600; padding: .45rem 1.2rem; cursor: pointer; }
button:disabled { opacity: .6; cursor: wait; }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; overflow: auto; max-height: 24rem; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
summary { cursor: pointer; }
`;

const script = `
const byId = (id) => document.getElementById(id);
const examples = {
  'chemical/x-daylight-smiles': 'CCO ethanol\\nc1ccccc1 benzene\\nCC(=O)N acetamide\\n',
  'chemical/x-xyz': '3\\nwater\\nO 0 0 0.1174\\nH 0 0.7572 -0.4696\\nH 0 -0.7572 -0.4696\\n',
  'chemical/x-mdl-sdfile': '',
  'molecules': '{"molecules": [{"smiles": "CCO"}, {"name": "water", "numbers": [8, 1, 1], "positions": [[0, 0, 0.1174], [0, 0.7572, -0.4696], [0, -0.7572, -0.4696]]}]}',
};
const kinds = {
  molecules: [['chemical/x-daylight-smiles', 'SMILES, one a line'], ['chemical/x-xyz', 'xyz'], ['chemical/x-mdl-sdfile', 'SDF'], ['application/json', 'JSON']],
  graphs: [['application/json', 'JSON']],
};
let models = [];
const key = () => byId('key').value.trim();
const headers = (more) => (key() ? { ...more, authorization: 'Bearer ' + key() } : more);
const model = () => models.find(({ name }) => name === byId('model').value);
const option = (value, text) => Object.assign(document.createElement('option'), { value, textContent: text });
const cell = (text, tag = 'td') => Object.assign(document.createElement(tag), { textContent: text });

function exampleGraph({ inputFeatures, edgeFeatures, nodeAttributes, velocity }) {
  const row = (width, seed) => Array.from({ length: width }, (_, k) => Math.round(100 * Math.sin(seed * 7 + k)) / 100);
  const rows = (count, width) => Array.from({ length: count }, (_, k) => row(width, k + 1));
  const graph = { X: rows(3, inputFeatures), C: [[0, 0, 0], [1, 0, 0], [0, 1, 0]] };
  if (edgeFeatures) graph.A = rows(6, edgeFeatures);
  if (velocity) graph.V = rows(3, 3);
  if (nodeAttributes) graph.B = rows(3, nodeAttributes);
  return JSON.stringify({ graphs: [graph] });
}
function showModel() {
  const chosen = model();
  if (!chosen) return;
  byId('type').replaceChildren(...kinds[chosen.kind].map(([value, text]) => option(value, text)));
  const isMolecules = chosen.kind === 'molecules';
  byId('forces').replaceChildren(option('', 'no'), ...(isMolecules ? chosen.outputs : []).map(({ name }) => option(name, 'of ' + name)));
  byId('forces').disabled = !isMolecules;
  byId('about').textContent = isMolecules
    ? 'Predicts ' + chosen.outputs.map(({ name, unit }) => name + (unit ? ' (' + unit + ')' : '')).join(', ') + ' of molecules of ' + chosen.elements.join(', ') + '.'
    : 'Predicts from graphs with ' + chosen.inputFeatures + ' features a node.';
  showExample();
}
function showExample() {
  const chosen = model();
  const type = byId('type').value;
  byId('input').value = chosen.kind === 'graphs' ? exampleGraph(chosen) : type === 'application/json' ? examples.molecules : examples[type];
}
async function load() {
  const response = await fetch('v1/models', { headers: headers({}) });
  const answer = await response.json();
  byId('message').textContent = response.ok ? '' : answer.error.message;
  if (!response.ok) return;
  models = answer.models;
  byId('model').replaceChildren(...models.map(({ name }) => option(name, name)));
  showModel();
}
function showTable({ units, predictions }) {
  const outputs = model().outputs;
  byId('table').replaceChildren();
  if (!outputs) return;
  const head = document.createElement('tr');
  head.append(...[model().kind.slice(0, -1), ...outputs.map(({ name }) => name + (units[name] ? ' (' + units[name] + ')' : ''))].map((text) => cell(text, 'th')));
  const rows = predictions.map(({ index, name, values, error }) => {
    const row = document.createElement('tr');
    row.append(cell(name ?? String(index)));
    if (error) row.append(Object.assign(cell(error), { colSpan: outputs.length }));
    else row.append(...outputs.map((output) => Object.assign(cell(String(Number(values[output.name].toPrecision(6)))), { className: 'number' })));
    return row;
  });
  byId('table').append(head, ...rows);
}
byId('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  byId('send').disabled = true;
  try {
    const forces = byId('forces').value;
    const address = 'v1/models/' + byId('model').value + '/predict' + (forces ? '?forces=' + encodeURIComponent(forces) : '');
    const start = performance.now();
    const response = await fetch(address, { method: 'POST', headers: headers({ 'content-type': byId('type').value }), body: byId('input').value });
    const answer = await response.json();
    byId('message').textContent = answer.error ? response.status + ': ' + answer.error.message : response.status + ', ' + Math.round(performance.now() - start) + ' ms';
    if (answer.predictions) showTable(answer); else byId('table').replaceChildren();
    byId('answer').textContent = JSON.stringify(answer, undefined, 1);
    byId('details').hidden = false;
  } catch (error) {
    byId('message').textContent = 'no answer: ' + error.message;
  } finally {
    byId('send').disabled = false;
  }
});
byId('model').addEventListener('change', showModel);
byId('type').addEventListener('change', showExample);
byId('key').addEventListener('change', load);
load();
`;

const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const tryPage = {
  policy:
    `default-src 'none'; img-src data:; script-src ${digest(script)}; style-src ${digest(style)}; connect-src 'self'; ` +
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>egnn: predict</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<main>
<h1>egnn</h1>
<p id="about">Predictions for molecules and graphs.</p>
<form id="form">
<div class="row">
<label>Model <select id="model"></select></label>
<label>Input <select id="type"></select></label>
<label>Forces <select id="forces"></select></label>
<label>API key <input id="key" type="password" autocomplete="off" placeholder="if asked for one"></label>
</div>
<label>Molecules or graphs <textarea id="input" spellcheck="false"></textarea></label>
<button id="send">Predict</button>
</form>
<p id="message" role="status"></p>
<div class="scroll"><table id="table"></table></div>
<details id="details" hidden><summary>The answer as JSON</summary><pre id="answer" tabindex="0"></pre></details>
<p>For programs: <a href="openapi.json">openapi.json</a></p>
</main>
<script>${script}</script>
`,
};
