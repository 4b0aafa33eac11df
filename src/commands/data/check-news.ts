import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { replaceFile } from '../../core/state/atomic.js';
import { ensureDir } from '../../core/state/write.js';
import { openNews } from '../../feeds/news/open-news.js';
import { storedFolder, storedPath } from '../stored/names.js';
import { dropPullRecord } from './pull-store.js';

/** What was found of headlines: their reader takes a file whole or refuses it. */
export interface NewsReport {
  readonly file: string;
  readonly subjects: readonly string[];
  readonly rows: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** The report of a file of headlines; undefined for another kind of file. Headlines that are damaged are refused by line. */
export async function newsIn(path: string): Promise<NewsReport | undefined> {
  if (!path.endsWith('.news') && !looksLikeNews(path)) return undefined;
  const { headlines } = await openNews(path);
  const iso = (ts: number | undefined): string | null => (ts === undefined ? null : new Date(ts).toISOString());
  return {
    file: path,
    subjects: [...new Set(headlines.flatMap(({ subjects }) => subjects.map(({ code }) => code)))].sort(),
    rows: headlines.length,
    from: iso(headlines[0]?.knownAt),
    to: iso(headlines.at(-1)?.knownAt),
  };
}

/** Stores a file of headlines as it is, after it was read whole. */
export function storeNews(home: string, name: string, path: string): string {
  const target = storedPath(home, name, 'news');
  ensureDir(storedFolder(home));
  replaceFile(target, readFileSync(path));
  dropPullRecord(home, name);
  return target;
}

/** Longest first line that is looked at, bytes. */
const HEAD_BYTES = 8_192;

/** True for a file whose first line is a headline, or says that they follow. JSON of prices has neither. */
function looksLikeNews(path: string): boolean {
  const [line = ''] = headOf(path)
    .replace(/^\uFEFF/, '')
    .trimStart()
    .split('\n', 1);
  if (!line.startsWith('{')) return false;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && ('published' in value || 'text' in value || isHeader(value));
  } catch {
    return false;
  }
}

const isHeader = (value: object): boolean => 'format' in value && value.format === 'fxtrade-news';

/** The beginning of a file; empty for what cannot be read. */
function headOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(HEAD_BYTES);
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
