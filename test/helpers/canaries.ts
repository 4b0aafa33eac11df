import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECRET_NAMES } from '../../src/core/config/secrets.js';

/** A value that occurs nowhere else, for every secret; those that are URLs hold it as password and in the path. */
export const CANARIES: Readonly<Record<string, string>> = Object.fromEntries(
  SECRET_NAMES.map((name, i) => {
    const rest = createHash('sha256').update(name).digest('base64').slice(0, 30);
    const mark = `Kq${String(i).padStart(2, '0')}zWxP${rest}`;
    const path = mark.replace(/[^A-Za-z0-9]/g, 'y');
    return [name, /URL$|WEBHOOK$/.test(name) ? `https://me:${path}@hooks.example.org/${path}` : mark];
  }),
);

/** Every form in which a canary could get out, its first eight characters among them. */
const FORMS: readonly (readonly [string, string])[] = Object.entries(CANARIES).flatMap(([name, value]) => {
  const mark = value.startsWith('https://') ? value.slice('https://me:'.length, value.indexOf('@')) : value;
  const bytes = Buffer.from(mark);
  const first = Buffer.from(mark.slice(0, 8));
  const forms = [
    mark.slice(0, 8),
    encodeURIComponent(mark).slice(0, 14),
    // Six bytes are eight whole characters of base64, whatever follows.
    bytes.toString('base64').slice(0, 8),
    bytes.toString('base64url').slice(0, 8),
    first.toString('hex'),
    first.toString('hex').toUpperCase(),
  ];
  return forms.map((form) => [name, form] as const);
});

/** Which secrets the text holds, in whatever form. */
export function leaksIn(text: string): readonly string[] {
  return FORMS.flatMap(([name, form]) => {
    const at = text.indexOf(form);
    return at === -1 ? [] : [`${name} as ${form}: …${text.slice(Math.max(0, at - 80), at + 60)}…`];
  });
}

/** Which secrets stand in the names and contents of everything under a folder; `.env` files are where they belong. */
export function leaksUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name);
    const held = lstatSync(path).isFile() && !name.endsWith('.env') ? readFileSync(path, 'latin1') : '';
    return leaksIn(`${name}\n${held}`).map((leak) => `${name}: ${leak}`);
  });
}
