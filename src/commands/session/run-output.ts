import { join } from 'node:path';
import { jsonText } from '../../core/base/text.js';
import type { RunRecord } from '../../core/model/run-record.js';
import { ensureHome } from '../../core/state/home.js';
import { copyRows, PartialFolder, writeRunFile } from '../../core/state/runs/out-folder.js';
import { ensureDir } from '../../core/state/write.js';

const ROW_FILES = ['equity.csv', 'returns.csv', 'trades.csv', 'orders.csv'] as const;

/** Keeps the record alone, in `runs/<id>/` of the home. */
export function keepRun(home: string, record: RunRecord): RunRecord {
  ensureHome(home);
  const folder = join(home, 'runs', record.run.id);
  ensureDir(folder);
  const files = { 'run.json': join(folder, 'run.json') };
  writeRunFile(folder, 'run.json', recordText({ ...record, files }));
  return { ...record, files };
}

/** Adds page and record to the rows of a run and puts all of it in the folder of `--out`. */
export async function writeRun(partial: PartialFolder, record: RunRecord): Promise<RunRecord> {
  const { renderHtml } = await import('../../core/report/html.js');
  const names = [...ROW_FILES, 'report.html', 'run.json'];
  const whole = { ...record, files: Object.fromEntries(names.map((name) => [name, join(partial.out, name)])) };
  writeRunFile(partial.path, 'report.html', renderHtml(whole));
  writeRunFile(partial.path, 'run.json', recordText(whole));
  partial.finish();
  return whole;
}

/** The record of a book stands in its folder; `--out` gets copies of its rows beside it, once it is `whole`. */
export async function bookOutput(
  book: { readonly folder: string; readonly rows: { flush(): unknown } },
  record: RunRecord,
  out: string | undefined,
  whole: boolean,
): Promise<RunRecord> {
  book.rows.flush();
  writeRunFile(book.folder, 'run.json', recordText(record));
  if (out === undefined || !whole) return record;
  const partial = new PartialFolder(out);
  copyRows(book.folder, partial.path);
  return writeRun(partial, record);
}

export function recordText(record: RunRecord): string {
  return `${jsonText(record)}\n`;
}
