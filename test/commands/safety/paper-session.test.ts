import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../../helpers/built-program.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());

/** In the market from its first decision on. */
const HOLDER = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'holder',
  params: {},
  create: ({ instruments: [{ id: instrument }] }) => ({
    onSlice: (view) => (view.units(instrument) === 0
      ? { kind: 'target', instrument, weight: 0.05, reason: 'hold' }
      : undefined),
    save: () => null,
    load: () => undefined,
  }),
});
`;

const FLAGS = ['--timeframe', '1m', '--fill', 'close', '--json', '--set', 'strategy.timeout=5s'];

interface Session {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly killedBy: NodeJS.Signals | null }>;
}

/** A paper session of its own process that holds a position. */
function holding(home: string, strategy: string): Promise<Session> {
  const child = spawn(process.execPath, [program.bin, '--home', home, 'paper', '--strategy', strategy, ...FLAGS]);
  const ended = new Promise<Awaited<Session['ended']>>((done) => {
    child.on('close', (code, killedBy) => done({ code, killedBy }));
  });
  return new Promise((found, failed) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (/"kind":"bar"/.test(said)) found({ child, ended });
    });
    child.on('close', () => failed(new Error(said)));
  });
}

function newHome(name: string): { readonly home: string; readonly strategy: string } {
  const home = join(program.home, name);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const strategy = join(home, 'holder.mjs');
  writeFileSync(strategy, HOLDER);
  return { home, strategy };
}

async function asked(home: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await program.runIn(home, [...args, '--json']);
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  return { code, data: last.data, error: last.error, stderr };
}

describe('close-all beside a paper session of another process', () => {
  it('stops it, closes what it held, and the book goes on from flat after a resume', async () => {
    const { home, strategy } = newHome('running');
    const session = await holding(home, strategy);
    const held = await asked(home, 'status');
    expect(held.data.books).toMatchObject([{ name: 'default', positions: [{ instrument: 'EUR/USD' }] }]);

    const plan = await asked(home, 'close-all', '--dry-run');
    expect(plan).toMatchObject({ code: 0, data: { flat: false, plan: [{ account: 'paper-default', close: [{}] }] } });
    expect(session.child.exitCode).toBeNull();

    const closed = await asked(home, 'close-all', '--confirm', 'paper');
    expect(closed, closed.stderr).toMatchObject({
      code: 0,
      data: { flat: true, residual: [], closed: [{ account: 'paper-default', instrument: 'EUR/USD', orders: 1 }] },
    });
    expect(closed.data.accounts).toMatchObject([{ stopped: [session.child.pid], flat: true }]);
    expect((await session.ended).code).toBe(143);

    const after = await asked(home, 'status');
    expect(after.data).toMatchObject({
      halted: true,
      books: [{ positions: [], orders: [], lock: null, damage: null }],
    });
    const paper = ['paper', '--strategy', strategy, ...FLAGS, '--once'] as const;
    expect((await asked(home, ...paper)).code).toBe(5);
    expect((await asked(home, 'resume', '--reason', 'looked at it', '--confirm', 'paper')).code).toBe(0);
    const again = await asked(home, ...paper);
    expect(again, again.stderr).toMatchObject({ code: 0, data: { counts: { trades: 1 } } });
    expect((await asked(home, 'audit', 'verify')).code).toBe(0);
  }, 120_000);

  it('closes the book of one that was killed, though its strategy is gone, and whatever the settings say', async () => {
    const { home, strategy } = newHome('killed');
    const session = await holding(home, strategy);
    session.child.kill('SIGKILL');
    await session.ended;
    rmSync(strategy);
    writeFileSync(join(home, 'config.json'), '{ "risk": ', { mode: 0o600 });
    const closed = await asked(home, 'close-all', '--force');
    expect(closed, closed.stderr).toMatchObject({ code: 0, data: { flat: true, closed: [{ instrument: 'EUR/USD' }] } });
    expect(existsSync(join(home, 'HALT'))).toBe(true);
    expect(readFileSync(join(home, 'books', 'paper-default', 'journal.ndjson'), 'utf8')).toContain('"type":"flatten"');
  }, 120_000);
});
