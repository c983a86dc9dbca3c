/** @file Choosing several files at once, or a folder: a button that opens the browser's dialog, and dropping. */
import { element } from './dom.ts';

export interface SeveralFilesOptions {
  readonly label: string;
  /** Endings, as in `.json,.safetensors`. */
  readonly accept: string;
  onFiles(files: File[]): void;
}

export function filesButton({ label, accept, onFiles }: SeveralFilesOptions): HTMLElement {
  const input = element('input', { type: 'file', accept, multiple: true, hidden: true });
  const open = element('button', { type: 'button' }, label);
  open.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    // The same files may be chosen again after they were changed.
    input.value = '';
    if (files.length > 0) onFiles(files);
  });
  return element('span', {}, open, input);
}

/**
 * Takes files and folders that are dropped on `target`; of a folder those files that lie in it directly. The class
 * `dropping` marks the target while something hovers.
 */
export function onDropFiles(
  target: HTMLElement,
  onFiles: (files: File[]) => void,
  signal: AbortSignal,
): void {
  const hover = (over: boolean) => target.classList.toggle('dropping', over);
  target.addEventListener(
    'dragover',
    (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      hover(true);
    },
    { signal },
  );
  target.addEventListener(
    'dragleave',
    (event) => {
      if (!target.contains(event.relatedTarget as Node | null)) hover(false);
    },
    { signal },
  );
  target.addEventListener(
    'drop',
    async (event) => {
      event.preventDefault();
      hover(false);
      if (!event.dataTransfer) return;
      const files = await filesOf(event.dataTransfer);
      if (files.length > 0) onFiles(files);
    },
    { signal },
  );
}

async function filesOf({ items, files }: DataTransfer): Promise<File[]> {
  const plain = [...files];
  // To be asked before the first wait: the list is empty after it.
  const entries = [...items].map((item) => item.webkitGetAsEntry?.() ?? undefined);
  const folders = entries.filter((entry) => entry?.isDirectory) as FileSystemDirectoryEntry[];
  if (folders.length === 0) return plain;
  const inside = await Promise.all(folders.map(filesInFolder));
  const names = new Set(folders.map(({ name }) => name));
  return [...plain.filter(({ name }) => !names.has(name)), ...inside.flat()];
}

async function filesInFolder(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // A part of the entries at a time.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) break;
    found.push(...part);
  }
  const entries = found.filter(({ isFile }) => isFile) as FileSystemFileEntry[];
  return Promise.all(
    entries.map((entry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject))),
  );
}
