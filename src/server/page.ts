/** @file The page on which the server can be tried: one file, no other address, its script and style named by their digests. */
import { createHash } from 'node:crypto';
import { script } from './page-script.ts';
import { style } from './page-style.ts';

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
<form id="form" autocomplete="off">
<label id="key-label" hidden>API key <input id="key" type="password" autocomplete="off"></label>
<fieldset id="ask" disabled>
<div class="row">
<label>Model <select id="model"></select></label>
<label>Form of the input <select id="type"></select></label>
<label id="forces-label">Forces <select id="forces"></select></label>
</div>
<label>Input <textarea id="input" spellcheck="false" autocapitalize="off" aria-keyshortcuts="Control+Enter"></textarea></label>
<div class="line"><button id="send">Predict</button><span>or Ctrl+Enter in the input</span><button id="example" type="button" hidden>Show the example</button></div>
</fieldset>
</form>
<p id="message" role="status"></p>
<section id="answer" hidden>
<div id="predictions"></div>
<h2 id="json-title">The answer as JSON</h2>
<pre id="json" tabindex="0" role="region" aria-labelledby="json-title"></pre>
<h2 id="curl-title">The request as a curl command</h2>
<pre id="curl" tabindex="0" role="region" aria-labelledby="curl-title"></pre>
<button id="copy" type="button">Copy</button>
</section>
<p>For programs: <a href="openapi.json">openapi.json</a></p>
</main>
<script>${script}</script>
`,
};
