import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Row = Readonly<Record<string, unknown>>;

/** What the venue told, as a journal keeps it. */
export interface Told {
  readonly kind: string;
  readonly id: string;
  readonly venueId?: string;
  readonly clientId?: string;
  readonly instrument?: string;
  readonly side?: 'buy' | 'sell';
  readonly units?: number;
  readonly price?: number;
  readonly realizedPnl?: number;
  readonly commission?: number;
  readonly financing?: number;
  readonly cost?: number;
  /** Of a transfer: what came in. */
  readonly amount?: number;
  readonly last?: boolean;
}

export interface ReadBook {
  readonly rows: readonly Row[];
  /** What is wrong with the chain itself. */
  readonly broken: readonly string[];
  /** Bytes after the last whole line: a write that was cut off. */
  readonly torn: number;
}

/** The journal of a book as it lies on disk, with nothing of the program's own reading of it. */
export function readBook(folder: string): ReadBook {
  const names = readdirSync(folder).filter((name) => /^journal(-\d+)?\.ndjson$/.test(name));
  // The open file has no number and comes last.
  const order = names.sort((a, b) => (a === OPEN ? 1 : b === OPEN ? -1 : a < b ? -1 : 1));
  const text = order.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  const end = text.lastIndexOf('\n') + 1;
  const broken: string[] = [];
  const rows: Row[] = [];
  let before = '';
  for (const line of text.slice(0, end).split('\n').slice(0, -1)) {
    const [, hash = '', body = ''] = /^\{"h":"([0-9a-f]{64})","r":(.*)\}$/.exec(line) ?? [];
    const at = rows.length + 1;
    if (createHash('sha256').update(body).digest('hex') !== hash) broken.push(`line ${at} does not hash to its hash`);
    const row = body === '' ? {} : (JSON.parse(body) as Row);
    if (row['seq'] !== at) broken.push(`line ${at} has number ${String(row['seq'])}`);
    if (row['prev'] !== before) broken.push(`line ${at} does not follow the line before`);
    before = hash;
    rows.push(row);
  }
  return { rows, broken, torn: text.length - end };
}

const OPEN = 'journal.ndjson';

/** Where each intent of a journal stood when its last line was written. */
export function standing(rows: readonly Row[]): {
  readonly inFlight: number;
  readonly unsent: number;
  readonly doubt: number;
} {
  const open = new Map<string, 'unsent' | 'inFlight' | 'doubt'>();
  for (const row of rows) {
    const client = clientOf(row);
    if (row['type'] === 'submit') open.set(client, 'unsent');
    else if (row['type'] === 'attempt') open.set(client, 'inFlight');
    else if (row['type'] === 'unresolved') open.set(client, 'doubt');
    else if (ENDS_DOUBT.has(String(row['type']))) open.delete(client);
  }
  const count = (kind: string): number => [...open.values()].filter((one) => one === kind).length;
  return { inFlight: count('inFlight'), unsent: count('unsent'), doubt: count('doubt') };
}

const ENDS_DOUBT: ReadonlySet<string> = new Set(['accepted', 'refusal', 'abandoned', 'never-arrived', 'venue']);

/** The order that a row is about. */
export function clientOf(row: Row): string {
  const order = row['order'] as { clientId?: string } | undefined;
  const event = row['event'] as { clientId?: string } | undefined;
  return String(order?.clientId ?? event?.clientId ?? row['clientId'] ?? '');
}
