/** `npm run study`: makes the carry study in docs/strategies.md anew from $FXTRADE_SHARED (or ../shared). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { perform } from '../dist/commands/session/threads/perform.js';
import { expectedMaxSharpe } from '../dist/core/analytics/overfitting.js';
import { carryStudy, MARKERS } from './carry-study.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.FXTRADE_SHARED ?? join(root, '../shared'), 'data');
const home = mkdtempSync(join(tmpdir(), 'fxtrade-study-'));
const text = await carryStudy({ perform, expectedMaxSharpe, shared, home });
rmSync(home, { recursive: true, force: true });

const page = join(root, 'docs/strategies.md');
const old = readFileSync(page, 'utf8');
const [from, to] = [old.indexOf(MARKERS[0]), old.indexOf(MARKERS[1])];
if (from < 0 || to < from) throw new Error(`${page} has no place for it: put ${MARKERS.join(' and ')} there`);
writeFileSync(page, old.slice(0, from) + text + old.slice(to + MARKERS[1].length));
console.log(text);
