import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStrategy } from '../../src/commands/runtime/strategies.js';
import { seededRng } from '../../src/core/base/rng.js';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { drive, type Slice, slicesOf } from '../helpers/drive-strategy.js';

const FOLDER = 'docs/examples';
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));

/** A walk that swings, so that every example finds something to do. */
function market(seed: number, count: number): Slice[] {
  const rng = seededRng(seed);
  let price = 1.1;
  const closes = Array.from({ length: count }, (_, i) => {
    price *= 1 + (rng.next() - (Math.floor(i / 30) % 2 === 0 ? 0.6 : 0.4)) * 0.01;
    return Math.round(price * 1e5) / 1e5;
  });
  return slicesOf('EUR/USD', closes, 0.0005).map((slice, i) => ({ ...slice, endsMonth: i % 50 === 49 }));
}

/** The commands in the first lines of an example. */
const COMMANDS = FILES.flatMap((name) =>
  [...readFileSync(join(FOLDER, name), 'utf8').matchAll(/^\/\/ {3}fxtrade (.+)$/gm)].map(([, line = '']) => line),
);

describe('the commands that the examples show', () => {
  let program: BuiltProgram;
  beforeAll(async () => {
    program = await builtProgram();
  });
  afterAll(() => program.remove());

  it.each(COMMANDS)('fxtrade %s', async (line) => {
    const { code, stdout, stderr } = await program.run([...line.split(' '), '--json']);
    expect(code, stdout + stderr).toBe(0);
    const answer = JSON.parse(stdout) as { ok: boolean; data: { counts?: { fills: number }; sweep?: unknown[] } };
    expect(answer.ok).toBe(true);
    const { counts, sweep } = answer.data;
    expect(counts?.fills ?? sweep?.length).toBeGreaterThan(0);
  });
});

describe.each(FILES)('docs/examples/%s', (name) => {
  const file = join(FOLDER, name);
  const run = async (slices: Slice[], saveAfter?: number) => {
    const { definition } = await loadStrategy(file, process.cwd());
    const at = saveAfter === undefined ? {} : { saveAfter };
    return drive(definition, { instruments: ['EUR/USD'], slices, ...at }).made;
  };

  it('imports fxtrade alone and shows the command that runs it', () => {
    const text = readFileSync(file, 'utf8');
    expect([...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from)).toEqual(['fxtrade']);
    expect(text).toContain(`fxtrade backtest ${file}`);
  });

  it('describes every parameter', async () => {
    const { definition } = await loadStrategy(file, process.cwd());
    expect(definition.name).toBe(name.replace('.ts', ''));
    for (const spec of Object.values(definition.params)) expect(spec.summary).toBeTruthy();
  });

  it('decides something, with a reason, and never by looking ahead', async () => {
    const slices = market(3, 300);
    const whole = await run(slices);
    expect(whole.length).toBeGreaterThan(0);
    for (const { wish } of whole) expect(wish.reason).not.toBe('');
    for (const cut of [1, 60, 150, 299]) {
      expect(await run(slices.slice(0, cut))).toEqual(whole.filter(({ slice }) => slice < cut));
    }
  });

  it('given it is saved as JSON and loaded at any point, it goes on as if nothing had happened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 149 }), async (seed, at) => {
        const slices = market(seed, 150);
        expect(await run(slices, at)).toEqual(await run(slices));
      }),
      { numRuns: 10 },
    );
  });
});
