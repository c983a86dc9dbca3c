/**
 * @file Files that were opened, kept by the browser for as long as the tab lives: the address names one, and a reload finds it
 * again.
 */
const PREFIX = 'file:';

/** Nothing happens where storage is full or forbidden: the file is then gone after a reload. */
export function storeFile(name: string, bytes: Uint8Array): void {
  try {
    let text = '';
    for (let at = 0; at < bytes.length; at += 0x8000)
      text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    sessionStorage.setItem(PREFIX + name, btoa(text));
  } catch {
    // See above.
  }
}

export function storedFile(name: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const text = sessionStorage.getItem(PREFIX + name);
    return text === null ? undefined : Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
