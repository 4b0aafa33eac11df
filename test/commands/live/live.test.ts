import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FaultScript } from '../../../src/brokers/oanda/sandbox/faults.js';
import { accountFolder } from '../../../src/core/state/books/book-path.js';
import { acquireLock } from '../../../src/core/state/lock/lock.js';
import { type BuiltProgram, builtProgram } from '../../helpers/built-program.js';
import { liveDesk } from '../../helpers/live-desk.js';

type LiveDesk = Awaited<ReturnType<typeof liveDesk>>;

const SOAK = process.env['npm_lifecycle_event'] === 'soak';
const open: LiveDesk[] = [];
let program: BuiltProgram;

beforeAll(async () => {
  program = await builtProgram();
}, 60_000);

afterAll(() => program.remove());

async function desk(faults?: FaultScript): Promise<LiveDesk> {
  const made = await liveDesk(program, faults);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** What the last line of a session says. */
const endOf = (lines: readonly Record<string, unknown>[]) => lines.at(-1) as { ok: boolean; data: never; error: never };
const rule = (fault: object, on = 'submit'): FaultScript => ({
  rules: [{ on, call: 1, fault } as FaultScript['rules'][number]],
  events: [],
});

const BEFORE: readonly (readonly [string, object, number])[] = [
  ['the connection dies before it', { kind: 'drop-before' }, 0],
];

/** How an answer is lost, and whether the order had arrived. */
const LOST: readonly (readonly [string, object, number])[] = [
  ['the connection dies after the broker took the order', { kind: 'drop-after' }, 1],
  // What never arrives is waited for as long as it might: half a minute, in `npm run soak`.
  ...(SOAK ? BEFORE : []),
  ['a gateway answers 504 after the broker took it', { kind: 'error-after', status: 504 }, 1],
  ['a proxy answers with a page', { kind: 'html', after: true }, 1],
  ['the answer is garbage', { kind: 'malformed' }, 1],
  ['the answer speaks of another order', { kind: 'wrong-id' }, 1],
];

describe('a live session at a practice account', () => {
  it('decides, journals before it sends, fills, and holds what the broker holds, to the cent', async () => {
    const live = await desk();

    const { code, lines, stderr } = await live.once();

    expect(code, stderr).toBe(0);
    expect(endOf(lines())).toMatchObject({
      ok: true,
      data: { broker: 'oanda', account: live.account, environment: 'practice', decided: true },
    });
    const truth = live.standIn.truth();
    const entry = truth.orders.filter((order) => order.reason === 'CLIENT_ORDER');
    expect(entry).toHaveLength(1);
    const types = live.journal().map((record) => record['type']);
    const order = types.filter((type) => ['submit', 'attempt', 'accepted', 'fill'].includes(String(type)));
    expect(order).toEqual(['submit', 'attempt', 'accepted', 'fill']);
    const position = truth.positions[0];
    const [held] = (endOf(lines()).data as { open: { units: number; side: string }[] }).open;
    expect(held?.units).toBe(position?.units);
    // The stop stands at the broker from the moment of the fill.
    expect(truth.orders.filter((one) => one.type === 'STOP_LOSS' && one.state === 'PENDING')).toHaveLength(1);
  });

  it('goes on where it was: nothing due is no decision, and no order is sent twice', async () => {
    const live = await desk();
    await live.once();
    const before = live.standIn.truth().orders.length;

    const { code, lines } = await live.once();

    expect(code).toBe(0);
    const decided = (endOf(lines()).data as { decided: boolean }).decided;
    const sent = live.standIn.truth().orders.filter((order) => order.reason === 'CLIENT_ORDER').length;
    // A minute may have ended meanwhile; then, and only then, there is a new decision.
    if (!decided) expect(live.standIn.truth().orders.length).toBe(before);
    else expect(sent).toBeLessThanOrEqual(3);
  });

  it.each(LOST)(
    '%s: it is looked up and never sent again',
    async (_, fault, arrived) => {
      const live = await desk(rule(fault));

      const { code, stderr } = await live.once();

      expect(live.standIn.truth().orders.filter((order) => order.reason === 'CLIENT_ORDER')).toHaveLength(arrived);
      const types = live.journal().map((record) => record['type']);
      expect(types.filter((type) => type === 'attempt')).toHaveLength(1);
      expect(types).toContain('unresolved');
      if (arrived === 1) {
        expect(code, stderr).toBe(0);
        expect(types).toContain('fill');
      }
    },
    90_000,
  );

  it('shadow decides and records, and sends nothing', async () => {
    const live = await desk();

    const { code, lines } = await live.once('--shadow');

    expect(code).toBe(0);
    expect(endOf(lines()).data).toMatchObject({ shadow: true, decided: true });
    expect(live.standIn.truth().orders).toHaveLength(0);
    expect(live.journal().map((record) => record['type'])).toContain('abandoned');
  });
});

describe('what is held without a stop', () => {
  it('gets one, from the journal to the broker, when somebody took its stop away by hand', async () => {
    const live = await desk();
    await live.once();
    const stop = live.standIn.truth().orders.find((order) => order.type === 'STOP_LOSS' && order.state === 'PENDING');
    live.standIn.happen({ kind: 'cancel-by-hand', orderId: stop?.id ?? '' });

    const { code, lines, stdout } = await live.once();

    expect(code, stdout).toBe(0);
    const held = live.standIn.truth().positions[0]?.units ?? 0;
    const stops = live.standIn.truth().orders.filter((order) => /STOP/.test(order.type) && order.state === 'PENDING');
    expect(stops).toHaveLength(1);
    // A turn of the position in between brings a stop of its own; then nothing was unprotected.
    const told = lines().filter(({ kind }) => kind === 'unprotected');
    if (told.length > 0) expect(stops[0]?.units).toBe(-held);
  });
});

describe('after a crash', () => {
  it('settings may have changed: what was decided under the old ones is gone over under those', async () => {
    const live = await desk(rule({ kind: 'silence-after' }));
    const dying = live.start(`${live.command} --duration 5m`);
    // The broker has it and keeps its answer to itself.
    await vi.waitFor(() => expect(live.standIn.truth().orders.length).toBeGreaterThan(0), { timeout: 60_000 });
    dying.kill();
    await dying.ended;

    const { code, stdout } = await live.once('--set risk.maxPositionBps=500');

    expect(code, stdout).toBe(0);
    const ours = live.standIn.truth().orders.filter((order) => order.reason === 'CLIENT_ORDER');
    const ids = ours.map(({ clientId }) => clientId);
    expect(new Set(ids).size).toBe(ids.length);
  }, 90_000);
});

describe('live refuses, says why, and sends nothing', () => {
  it.each([
    ['--confirm 101-004-0000000-009', {}, 2, 'USAGE.WRONG_ACCOUNT'],
    ['', { OANDA_ENV: 'live' }, 2, 'CONFIG.WRONG_ENVIRONMENT'],
    ['', { OANDA_TOKEN: '' }, 2, 'CONFIG.MISSING_SECRET'],
    ['', { OANDA_TOKEN: 'wrong' }, 6, 'BROKER.NO_ACCESS'],
    ['--broker nowhere', {}, 2, 'USAGE.UNKNOWN_VENUE'],
    ['--broker sim', {}, 2, 'USAGE.MISSING_BROKER'],
    ['--override halt --reason x', {}, 2, 'USAGE.BAD_VALUE'],
    ['--override limits', {}, 2, 'USAGE.MISSING_REASON'],
    ['--set risk.preset=none', {}, 2, 'CONFIG.PRESET'],
    ['', { OANDA_BASE_URL: 'http://127.0.0.1:9' }, 6, 'BROKER.UNREACHABLE'],
    ['', { OANDA_BASE_URL: 'http://example.com' }, 2, 'CONFIG.BAD_URL'],
  ])(
    '%s %o',
    async (flags, env, code, error) => {
      const live = await desk();
      const confirm = flags.includes('--confirm') ? '' : `--confirm ${live.account}`;
      const line = `live ${live.strategy} --instruments EUR/USD --timeframe 1m --once --json ${confirm} ${flags}`;

      const result = await live.run(line, env);

      expect([result.code, endOf(result.lines()).error]).toMatchObject([code, { code: error }]);
      expect(live.standIn.truth().orders).toHaveLength(0);
      expect(existsSync(join(live.home, 'books'))).toBe(false);
    },
    40_000,
  );

  it('without a terminal and without --confirm it names the flag', async () => {
    const live = await desk();
    const result = await live.run(`live ${live.strategy} --instruments EUR/USD --once --json`);
    expect(result.code).toBe(2);
    expect(result.stdout).toContain('--confirm');
  });

  it('while halted, also when only its broker is', async () => {
    const live = await desk();
    await live.run('halt --scope broker:oanda --reason test --latch-only');
    const result = await live.once();
    expect([result.code, endOf(result.lines()).error]).toMatchObject([5, { code: 'HALT.ACTIVE' }]);
  });

  it('when another session holds the account, whatever its book', async () => {
    const live = await desk();
    const lock = await acquireLock(accountFolder(live.home, 'oanda', live.account));
    const result = await live.once('--book other');
    lock.release();
    expect([result.code, endOf(result.lines()).error]).toMatchObject([75, { code: 'STATE.BUSY' }]);
  });

  it('when somebody traded by hand, until a person takes the account as it is', async () => {
    const live = await desk({
      rules: [{ on: 'account', from: 4, to: 4, fault: { kind: 'trade-by-hand', instrument: 'EUR_USD', units: 500 } }],
      events: [],
    });
    await live.once();

    const result = await live.once();

    expect([result.code, endOf(result.lines()).error]).toMatchObject([7, { code: 'STATE.MISMATCH' }]);
  });

  it('when limits are looser than before, without a reason; the reason stands in the journal', async () => {
    const live = await desk();
    await live.once();

    const refused = await live.once('--set risk.maxPositionBps=5000');
    // A refused start must not make its own limits the ones to compare with.
    expect((await live.once('--set risk.maxPositionBps=5000')).code).toBe(5);
    const allowed = await live.once('--set risk.maxPositionBps=5000 --override limits --reason bigger-account');

    expect([refused.code, endOf(refused.lines()).error]).toMatchObject([5, { code: 'GATE.LOOSENED_LIMITS' }]);
    expect(allowed.code, allowed.stdout).toBe(0);
    expect(live.journal().find((record) => record['type'] === 'override')).toMatchObject({
      line: 'limits',
      reason: 'bigger-account',
    });
  });
});
