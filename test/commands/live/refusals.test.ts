import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { OandaSandbox } from '../../../src/brokers/oanda/sandbox/account.js';
import type { SandboxAccountSpec } from '../../../src/brokers/oanda/sandbox/message.js';
import { serveSandbox } from '../../../src/brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../../src/brokers/oanda/sandbox/venue.js';
import { startStandIn } from '../../../src/commands/drill/stand-in.js';
import { systemClock } from '../../../src/core/ports/clock.js';
import { Journal } from '../../../src/core/state/books/journal.js';
import { hostileBroker } from '../../helpers/hostile-broker.js';
import { NO_FAULTS } from '../../helpers/live-desk.js';
import { anEntry } from '../../helpers/loopback-broker.js';
import { ACCOUNT, instruments } from '../../helpers/oanda-sandbox.js';
import { runCli } from '../../helpers/run-cli.js';

const clock = systemClock();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function aHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-refusal-'));
  closers.push(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

type Env = Readonly<Record<string, string>>;

/** The whole program, in this process, at a stand-in. */
function aDesk(env: Env, home = aHome()) {
  const id = env['OANDA_ACCOUNT_ID'] ?? '';
  const line = `live sma-cross --instruments EUR/USD --timeframe 1m --set approval.required=false --json --confirm ${id}`;
  const run = async (words: string, signal?: AbortSignal) => {
    const { code, stdout, lines } = await runCli(words, {
      home,
      env,
      clock,
      ...(signal === undefined ? {} : { signal }),
    });
    const told = stdout === '' ? [] : lines();
    const end = told.at(-1) as { readonly error?: Readonly<Record<string, unknown>> } | undefined;
    return { code, lines: told, error: end?.error };
  };
  return {
    home,
    folder: join(home, 'books', `live-${id}`),
    run,
    once: (more = '') => run(`${line} --once ${more}`),
    session: (signal: AbortSignal) => run(`${line} --duration 60s`, signal),
  };
}

/** The stand-in that people have. */
async function standIn() {
  const there = await startStandIn({ clock, seed: '1', faults: NO_FAULTS, port: 0 });
  closers.push(() => there.close());
  return there;
}

/** An account of another kind than the stand-in's, with one pair that trades. */
async function accountOf(spec: Partial<SandboxAccountSpec>, environment = 'practice') {
  const account = { id: ACCOUNT, currency: 'USD', balance: 100_000, ...spec };
  const sandbox = new OandaSandbox({ accounts: [account], instruments, seed: 1, start: clock.now() });
  const venue = new FaultyVenue(sandbox);
  venue.price({ instrument: 'EUR_USD', bid: 1.1, ask: 1.1002 }, clock.now());
  const server = await serveSandbox({ venue, clock });
  closers.push(() => server.close());
  const env = {
    BROKER_TYPE: 'oanda',
    OANDA_ENV: environment,
    OANDA_BASE_URL: server.url,
    OANDA_STREAM_URL: server.url,
    OANDA_TOKEN: 'sandbox-token',
    OANDA_ACCOUNT_ID: account.id,
  };
  return { env, truth: () => sandbox.truth() };
}

/** Waits until a session wrote it. */
async function recorded(journal: string, text: string): Promise<void> {
  const written = (): boolean => existsSync(journal) && readFileSync(journal, 'utf8').includes(text);
  await expect.poll(written, { timeout: 30_000 }).toBe(true);
}

describe('live refuses an account', () => {
  it('that holds money, without evidence: 5', async () => {
    const { env, truth } = await accountOf({ id: '001-004-1234567-001' }, 'live');
    const { code, error } = await aDesk(env).once();
    expect([code, error?.['code']]).toEqual([5, 'GATE.NO_EVIDENCE']);
    expect(String(error?.['message'])).toContain('001-004-1234567-001');
    expect(truth().orders).toEqual([]);
  });

  it.each([
    ['001-004-1234567-001', 'practice'],
    ['101-004-1234567-001', 'live'],
  ])('of the other environment: %s under %s: 2', async (id, environment) => {
    const { env, truth } = await accountOf({ id }, environment);
    const { code, error } = await aDesk(env).once();
    expect([code, error?.['code']]).toEqual([2, 'CONFIG.WRONG_ENVIRONMENT']);
    expect(truth().requests).toEqual([]);
  });

  it('that is not the one the broker answers for: 2', async () => {
    const { env, truth } = await accountOf({});
    const hostile = await hostileBroker(env.OANDA_BASE_URL, env.OANDA_TOKEN);
    closers.push(() => hostile.close());
    hostile.turn((_, body) => ({ body: body.replaceAll(ACCOUNT, '101-004-7654321-001') }));
    const { code, error } = await aDesk({ ...env, OANDA_BASE_URL: hostile.url }).once();
    expect([code, error?.['code']]).toEqual([2, 'CONFIG.WRONG_ACCOUNT']);
    expect(truth().orders).toEqual([]);
  });

  it('that is not the one the person meant: 2', async () => {
    const { env } = await accountOf({});
    const { code, error } = await aDesk(env).run(
      'live sma-cross --instruments EUR/USD --timeframe 1m --once --json --confirm 101-004-7654321-001',
    );
    expect([code, error?.['code']]).toEqual([2, 'USAGE.WRONG_ACCOUNT']);
  });

  it('that holds long and short apart: 2', async () => {
    const { env, truth } = await accountOf({ hedgingEnabled: true });
    const { code, error } = await aDesk(env).once();
    expect([code, error?.['code']]).toEqual([2, 'CONFIG.HEDGING']);
    expect(truth().orders).toEqual([]);
  });
});

describe('live refuses while halted: 5', () => {
  it.each(['', '--scope broker:oanda', '--scope strategy:sma-cross', '--scope instrument:EUR/USD'])(
    'halt %s',
    async (scope) => {
      const desk = aDesk((await standIn()).exports);
      await desk.run(`halt --reason test --latch-only --json ${scope}`);
      const { code, error } = await desk.once();
      expect([code, error?.['code']]).toEqual([5, 'HALT.ACTIVE']);
      expect(existsSync(join(desk.folder, 'journal.ndjson'))).toBe(false);
    },
  );

  it('what concerns another instrument does not: 0', async () => {
    const desk = aDesk((await standIn()).exports);
    await desk.run('halt --reason test --latch-only --json --scope instrument:USD/JPY');
    expect((await desk.once()).code).toBe(0);
  });

  it('also when somebody took the file away that says so', async () => {
    const desk = aDesk((await standIn()).exports);
    const stop = new AbortController();
    const session = desk.session(stop.signal);
    const journal = join(desk.folder, 'journal.ndjson');
    await recorded(journal, '"reconciled"');
    await desk.run('halt --reason test --latch-only --json');
    await recorded(journal, '"type":"halts"');
    stop.abort();
    await session;
    rmSync(join(desk.home, 'HALT'));

    const { code, error } = await desk.once();

    expect([code, error?.['code']]).toEqual([5, 'HALT.ACTIVE']);
    expect(existsSync(join(desk.home, 'HALT'))).toBe(true);
  });
});

describe('live refuses looser limits without their record: 5', () => {
  it.each([
    'risk.maxPositionBps=5000',
    'risk.maxOpenPositions=null',
    'risk.dailyLossBps=900',
    'risk.requireStop=false',
  ])('%s', async (looser) => {
    const desk = aDesk((await standIn()).exports);
    expect((await desk.once()).code).toBe(0);
    const { code, error } = await desk.once(`--set ${looser}`);
    expect([code, error?.['code']]).toEqual([5, 'GATE.LOOSENED_LIMITS']);
    expect(String(error?.['message'])).toContain(looser.split(/[.=]/)[1]);
  });
});

describe('live refuses what it cannot explain: 7', () => {
  it.each([
    ['a position somebody made by hand', { kind: 'trade-by-hand', instrument: 'EUR_USD', units: 500 }],
    ['a position in a pair it does not trade', { kind: 'trade-by-hand', instrument: 'USD_JPY', units: 500 }],
  ] as const)('%s', async (_, event) => {
    const there = await standIn();
    const desk = aDesk(there.exports);
    expect((await desk.once()).code).toBe(0);
    there.happen(event);
    const { code, error } = await desk.once();
    expect([code, error?.['code']]).toEqual([7, 'STATE.MISMATCH']);
    expect(String(error?.['next'])).toContain('resume --adopt');
  });

  it('a journal that is not what was written, and one whose head is gone', async () => {
    const there = await standIn();
    const desk = aDesk(there.exports);
    await desk.once();
    const path = join(desk.folder, 'journal.ndjson');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.replace('"type":"', '"type":"x'));
    const spoiled = await desk.once();
    expect([spoiled.code, spoiled.error?.['code']]).toEqual([7, 'STATE.DAMAGED']);
    writeFileSync(path, whole);
    rmSync(join(desk.folder, 'head.json'));
    const headless = await desk.once();
    expect([headless.code, headless.error?.['code']]).toEqual([7, 'STATE.DAMAGED']);
  });

  it('an order of which the broker knows nothing, when its window is over', async () => {
    const desk = aDesk((await standIn()).exports);
    await desk.once();
    const attemptedAt = clock.now() - 3_600_000;
    const journal = new Journal(desk.folder);
    for (const { type, fields } of anEntry('fxlvAAAAAAAAAAAAAAAA', { attemptedAt })) {
      journal.append(attemptedAt, type, fields);
    }
    journal.close();
    const { code, error } = await desk.once();
    expect([code, error?.['code']]).toEqual([7, 'STATE.UNRESOLVED']);
    expect(String(error?.['message'])).toContain('fxlvAAAAAAAAAAAAAAAA');
  });
});

describe('live refuses a second engine: 75', () => {
  it('at the same account, under the same book or another', async () => {
    const desk = aDesk((await standIn()).exports);
    const stop = new AbortController();
    const first = desk.session(stop.signal);
    const journal = join(desk.folder, 'journal.ndjson');
    await recorded(journal, '"reconciled"');
    for (const more of ['', '--book other']) {
      const { code, error } = await desk.once(more);
      expect([code, error?.['code']]).toEqual([75, 'STATE.BUSY']);
    }
    stop.abort();
    expect((await first).code).not.toBe(75);
    expect((await desk.once()).code).toBe(0);
  });
});
