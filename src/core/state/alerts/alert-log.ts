import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskError } from '../disk-error.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { ensureHome } from '../home.js';
import { FILE_MODE, writeAll } from '../write.js';

/** What happened to alerts: one JSON object a line. */
export const ALERT_LOG = 'alerts.ndjson';

/** One line: `type` says what, `time` when (ISO 8601, UTC). */
export type AlertRecord = Readonly<Record<string, unknown>> & { readonly type: string; readonly time: string };

const FILE_MAX = 1_000_000;
const FILES_KEPT = 4;

/**
 * The journal of delivery in the home: `alerts.ndjson`, and closed ones `alerts-1.ndjson` (the newest) to `alerts-4.ndjson`.
 * Several programs append to it. It proves nothing about money, so it is not chained and not synced: a line that is lost
 * with the power costs a message that comes twice.
 */
export class AlertLog {
  readonly #home: string;
  readonly #fs: FileCalls;

  constructor(home: string, fs: FileCalls = REAL_FILES) {
    this.#home = home;
    this.#fs = fs;
  }

  get path(): string {
    return join(this.#home, ALERT_LOG);
  }

  /** Appends lines. Throws a `STATE` error; whoever sends alerts goes on without a log. */
  append(records: readonly AlertRecord[]): void {
    if (records.length === 0) return;
    try {
      ensureHome(this.#home, this.#fs);
      const fd = this.#fs.openSync(this.path, 'a', FILE_MODE);
      let size = 0;
      try {
        writeAll(fd, records.map((record) => `${JSON.stringify(record)}\n`).join(''), this.#fs);
        size = this.#fs.fstatSync(fd).size;
      } finally {
        this.#fs.closeSync(fd);
      }
      if (size > FILE_MAX) this.#rotate();
    } catch (error) {
      throw diskError(error, 'could not write', this.path);
    }
  }

  /** The newest lines, oldest first: those of the current file and of the one before it. Damaged lines are left out. */
  read(): readonly AlertRecord[] {
    return [...linesOf(this.#closed(1)), ...linesOf(this.path)];
  }

  #rotate(): void {
    for (let number = FILES_KEPT; number >= 1; number--) {
      const from = number === 1 ? this.path : this.#closed(number - 1);
      try {
        this.#fs.renameSync(from, this.#closed(number));
      } catch (error) {
        // Another program may have moved it a moment ago, and there are fewer files at first.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  #closed(number: number): string {
    return join(this.#home, `alerts-${number}.ndjson`);
  }
}

function linesOf(path: string): readonly AlertRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      const isRecord = typeof value === 'object' && value !== null && 'type' in value && 'time' in value;
      return isRecord && typeof value.type === 'string' && typeof value.time === 'string' ? [value as AlertRecord] : [];
    } catch {
      return [];
    }
  });
}
