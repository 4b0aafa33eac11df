import { resolve } from 'node:path';
import type { RunRecord } from '../../core/model/run-record.js';
import { csvFiles } from '../../core/report/csv-files.js';
import { replaceFile } from '../../core/state/atomic.js';
import { ensureDir } from '../../core/state/write.js';
import { type CommandContext, textFlag } from '../runtime/command.js';

/** Writes what `--html` and `--csv` ask for; returns the paths by name. */
export async function writeFiles(ctx: CommandContext, record: RunRecord): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const write = (name: string, path: string, text: string): void => {
    replaceFile(path, text);
    files[name] = path;
  };
  const page = textFlag(ctx, 'html');
  if (page !== undefined) {
    const { renderHtml } = await import('../../core/report/html.js');
    const path = resolve(ctx.cwd, page);
    ensureDir(resolve(path, '..'));
    write('report.html', path, renderHtml(record));
  }
  const folder = textFlag(ctx, 'csv');
  if (folder !== undefined) {
    ensureDir(resolve(ctx.cwd, folder));
    for (const { name, text } of csvFiles(record)) write(name, resolve(ctx.cwd, folder, name), text);
  }
  return files;
}
