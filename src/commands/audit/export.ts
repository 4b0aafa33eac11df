import { csvCell, csvNumber } from '../../core/base/csv.js';
import type { JournalRecord } from './story.js';

/** Columns of the CSV export; `record` is the whole record as JSON. */
export const EXPORT_COLUMNS = [
  'book',
  'seq',
  'time',
  'type',
  'instrument',
  'side',
  'units',
  'price',
  'orderId',
  'clientId',
  'reason',
  'hash',
  'record',
] as const;

/** One record as a line of the chosen format. Text from outside cannot become a formula of a spreadsheet. */
export function exportLine(format: 'csv' | 'ndjson', book: string, text: string, hash: string): string {
  if (format === 'ndjson') return `{"book":${JSON.stringify(book)},"h":"${hash}","r":${text}}\n`;
  const record = JSON.parse(text) as JournalRecord;
  const inner = Object.assign({}, record, ...['decision', 'order', 'fill', 'event'].map((key) => record[key]));
  const whole = { ...inner, ...(inner['intent'] as object | undefined) } as Record<string, unknown>;
  const ts = record['ts'];
  const cells = {
    book,
    seq: record['seq'],
    time: typeof ts === 'number' ? new Date(ts).toISOString() : ts,
    type: record['type'],
    instrument: whole['instrument'],
    side: whole['side'],
    units: whole['units'],
    price: whole['price'],
    orderId: whole['orderId'] ?? (record['order'] as { id?: unknown } | undefined)?.id,
    clientId: whole['clientId'],
    reason: whole['reason'] ?? whole['message'],
    hash,
    record: text,
  };
  return `${EXPORT_COLUMNS.map((name) => cellOf(cells[name])).join(',')}\n`;
}

function cellOf(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return csvNumber(value);
  return value === undefined || value === null ? '' : csvCell(String(value));
}
