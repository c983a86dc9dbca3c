/**
 * @file Threads share memory, which browsers allow to cross-origin isolated pages. Where the server does not send the
 * headers for it, the site's service worker adds them to the next load of the page.
 */

/** Once a window; a service worker that has no effect must not make the page reload for ever. */
const TRIED = 'isolation-tried';

/**
 * Installs the service worker if the page is not isolated, and loads the page again when it is in charge: at once while
 * nobody has touched the page, otherwise with the next load. Resolves when it is clear that this load stays; where
 * service workers do not work, nothing happens.
 */
export async function isolate(): Promise<void> {
  if (crossOriginIsolated || !isSecureContext || !('serviceWorker' in navigator)) return;
  try {
    if (sessionStorage.getItem(TRIED)) return;
    const { active } = await navigator.serviceWorker.register('./service-worker.js');
    // There for longer, and passed over: the page was loaded afresh by hand. One that is activating now will take charge.
    if (active?.state === 'activated' && !navigator.serviceWorker.controller) return;
    await controlled();
    sessionStorage.setItem(TRIED, 'yes');
  } catch {
    // Forbidden here, as in some private windows.
    return;
  }
  if (navigator.userActivation?.hasBeenActive) return;
  location.reload();
  // The page goes on for a moment; it should not start anything.
  await new Promise(() => {});
}

function controlled(): Promise<void> {
  if (navigator.serviceWorker.controller) return Promise.resolve();
  return new Promise((resolve) =>
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true }),
  );
}
