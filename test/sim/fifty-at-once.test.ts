import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkJournal } from '../../src/core/state/books/journal-check.js';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { marketFiles } from '../helpers/market-files.js';

/** `npm run soak` starts more, more often; npm tells its scripts their name. */
const SOAK = process.env['npm_lifecycle_event'] === 'soak';
const AT_ONCE = SOAK ? 50 : 12;
const ROUNDS = SOAK ? 20 : 1;

const root = mkdtempSync(join(tmpdir(), 'fxtrade-at-once-'));
let program: BuiltProgram;
let prices = '';

beforeAll(async () => {
  program = await builtProgram();
  const span = { from: Date.UTC(2022, 0, 1), to: Date.UTC(2022, 2, 1) };
  prices = (await marketFiles({ folder: root, pairs: ['EUR/USD'], ...span, timeframeMs: 3_600_000 })).data.join();
}, 120_000);
afterAll(() => {
  program.remove();
  rmSync(root, { recursive: true, force: true });
});

it(`of ${AT_ONCE} processes that start one book at once, one runs and the others exit 75 and say who runs`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const home = join(root, `home-${round}`);
    // A replay that outlasts the start of all others, so that each of them meets it.
    const line = ['paper', 'sma-cross', '--replay', prices, '--json', '--speed', '60x', '--duration', '15s'];
    const ends = await Promise.all(Array.from({ length: AT_ONCE }, () => program.runIn(home, line)));
    const codes = ends.map(({ code }) => code).toSorted((a, b) => a - b);
    expect(codes).toEqual([0, ...Array.from({ length: AT_ONCE - 1 }, () => 75)]);
    for (const { code, stdout } of ends) {
      if (code === 75) expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'STATE.BUSY' } });
    }
    const folder = join(home, 'books', 'paper-default');
    expect(JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8'))).toMatchObject({ generation: 1 });
    checkJournal(folder);
  }
}, 900_000);
