/**
 * @file For web servers that cannot be told to send headers: adds those of cross-origin isolation to everything that the page
 * loads from its own origin, so that it may share memory between threads. Keeps nothing and changes nothing else.
 */
addEventListener('install', () => self.skipWaiting());
addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

addEventListener('fetch', (event) => {
  const { request } = event;
  // Left to the browser: other origins, and what it only wants from its cache.
  if (new URL(request.url).origin !== location.origin) return;
  if (request.cache === 'only-if-cached' && request.mode !== 'same-origin') return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const response = await fetch(request);
  // Redirects of a page are answered by the browser, and have neither body nor headers here.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const { status, statusText } = response;
  const empty = status === 101 || status === 204 || status === 205 || status === 304;
  return new Response(empty ? null : response.body, { status, statusText, headers });
}
