import { readFileSync } from 'node:fs';
import { replaceFile } from './atomic.js';
import { diskError } from './disk-error.js';

/** The lines of a file that grows by whole lines, without what a killed writer left half written; nothing where there is no file. */
export function wholeLines(path: string): string {
  const text = textOf(path);
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

/** Takes away what a killed writer left half written, so that the next line is one of its own. Only where nobody else writes. */
export function mendLines(path: string): void {
  const whole = wholeLines(path);
  if (whole !== textOf(path)) replaceFile(path, whole);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw diskError(error, 'could not read', path);
  }
}
