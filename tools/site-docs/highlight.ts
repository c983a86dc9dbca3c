/** @file Code in colours, when the pages are built: a reader's browser has nothing to do. */
import highlighter from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import typescript from 'highlight.js/lib/languages/typescript';

const languages = { bash, json, python, typescript };
for (const [name, definition] of Object.entries(languages)) highlighter.registerLanguage(name, definition);

/** Names after a fence, and endings of files. */
const NAMES: Readonly<Record<string, keyof typeof languages>> = {
  sh: 'bash',
  json: 'json',
  python: 'python',
  py: 'python',
  js: 'typescript',
  mjs: 'typescript',
  ts: 'typescript',
};

/** @returns HTML, escaped where the language is none of those known here */
export function highlight(code: string, language: string): string {
  const name = NAMES[language];
  return name ? highlighter.highlight(code, { language: name }).value : escapeHtml(code);
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
