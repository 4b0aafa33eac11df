import { readFileSync, writeFileSync } from 'node:fs';

/** True under `npm run golden`: the made part of a page is written instead of compared. */
const RENEW = process.env['GOLDEN'] === '1';

/** What stands between `<!-- name: begin … -->` and `<!-- name: end -->`; under `npm run golden` `made` is put there first. */
export function madePart(path: string, name: string, made: string): string {
  const page = readFileSync(path, 'utf8');
  const begin = page.indexOf('\n', page.indexOf(`<!-- ${name}: begin`)) + 1;
  const end = page.indexOf(`<!-- ${name}: end -->`);
  if (begin === 0 || end < begin) throw new Error(`${path} has no part named ${name}`);
  if (!RENEW) return page.slice(begin, end);
  writeFileSync(path, page.slice(0, begin) + made + page.slice(end));
  return made;
}
