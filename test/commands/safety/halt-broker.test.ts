import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/ports/clock.js';
import { readHalts } from '../../../src/core/state/halt-file.js';
import { anEntry, type LoopbackBroker, leftLiveBook, loopbackBroker } from '../../helpers/loopback-broker.js';
import { ACCOUNT } from '../../helpers/oanda-sandbox.js';
import { runCli } from '../../helpers/run-cli.js';

const open: LoopbackBroker[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((broker) => broker.close()));
});

async function aBroker(faults: Parameters<typeof loopbackBroker>[0] = {}) {
  const broker = await loopbackBroker(faults);
  open.push(broker);
  return broker;
}

const clock = systemClock();
const limit = (id: string | undefined, more: object = {}) => ({
  type: 'LIMIT',
  instrument: 'EUR_USD',
  units: '100',
  price: '1.00000',
  ...(id === undefined ? {} : { clientExtensions: { id } }),
  ...more,
});
const withStop = { type: 'MARKET', instrument: 'EUR_USD', units: '1000', stopLossOnFill: { price: '1.05000' } };

interface Halted {
  readonly cancelled: readonly { readonly clientId: string | null; readonly ours: boolean }[];
  readonly kept: readonly { readonly type: string }[];
  readonly notProven: readonly { readonly what: string; readonly order: string | null; readonly reason: string }[];
  readonly sessions: readonly { readonly killed: boolean; readonly confirmed: boolean }[];
}

async function halt(home: string, env: Readonly<Record<string, string>>, flags = '') {
  const { code, json } = await runCli(`halt ${flags} --json`, { home, env, clock });
  return { code, data: json()['data'] as Halted, error: json()['error'] as { message: string; facts: object } };
}

const aHome = () => mkdtempSync(join(tmpdir(), 'fxtrade-halt-'));

describe('halt at a broker', () => {
  it('cancels what could grow risk, ours or not, keeps a stop, and proves it: exit 0', async () => {
    const broker = await aBroker();
    broker.byHand(withStop);
    broker.byHand(limit('fxlvAAAA'));
    broker.byHand(limit(undefined, { instrument: 'GBP_USD' }));
    const { home } = leftLiveBook();
    const { code, data } = await halt(home, broker.env);
    expect(code).toBe(0);
    expect(data.cancelled).toMatchObject([
      { clientId: 'fxlvAAAA', ours: true },
      { clientId: null, ours: false },
    ]);
    expect(data.kept).toMatchObject([{ type: 'stop' }]);
    expect(data.notProven).toEqual([]);
    expect(broker.working().map(({ type }) => type)).toEqual(['STOP_LOSS']);
    expect(readHalts(home)).toHaveLength(1);
  });

  it('without a book it asks the broker of BROKER_TYPE', async () => {
    const broker = await aBroker();
    broker.byHand(limit('fxlvAAAA'));
    expect(await halt(aHome(), broker.env)).toMatchObject({ code: 0, data: { cancelled: [{ clientId: 'fxlvAAAA' }] } });
  });

  it('says that it looked also where there was nothing to do, and warns of a name that nothing here has', async () => {
    const broker = await aBroker();
    const { home } = leftLiveBook();
    const plain = await runCli('halt', { home, env: broker.env, clock });
    expect(plain.stdout).toContain(`asked: oanda ${ACCOUNT}`);
    expect(plain.stdout).toContain('proven: no order that could open or grow risk works');
    expect(plain.stderr).toBe('');
    const meant = ['strategy:sma-cross', 'instrument:EUR/USD'];
    for (const scope of meant) expect((await runCli(`halt --latch-only --scope ${scope}`, { home })).stderr).toBe('');
    for (const scope of ['strategy:sma-crss', 'instrument:USD/EUR']) {
      const { code, stderr } = await runCli(`halt --latch-only --scope ${scope}`, { home });
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(/^warning: nothing here .*; there is .*(sma-cross|EUR\/USD)/),
      ]);
    }
  });

  it('--latch-only leaves working orders alone', async () => {
    const broker = await aBroker();
    broker.byHand(limit('fxlvAAAA'));
    const { code, data } = await halt(aHome(), broker.env, '--latch-only');
    expect([code, data.cancelled, broker.working().length]).toEqual([0, [], 1]);
  });

  it.each([
    ['broker:oanda', ['EUR_USD', 'GBP_USD']],
    ['broker:sim', []],
    ['instrument:gbp/usd', ['GBP_USD']],
    ['strategy:sma-cross', ['EUR_USD']],
    ['strategy:carry', []],
  ])('--scope %s cancels %j', async (scope, cancelled) => {
    const broker = await aBroker();
    broker.byHand(limit('fxlvAAAA'));
    broker.byHand(limit(undefined, { instrument: 'GBP_USD' }));
    const { home } = leftLiveBook(anEntry('fxlvAAAA'));
    expect((await halt(home, broker.env, `--scope ${scope}`)).code).toBe(0);
    const ended = broker.truth().orders.filter(({ state }) => state === 'CANCELLED');
    expect(ended.map(({ instrument }) => instrument)).toEqual(cancelled);
  });

  it('an order that cannot be cancelled is listed: exit 4', async () => {
    const broker = await aBroker({
      rules: [{ on: 'cancel', fault: { kind: 'error-before', status: 503 } }],
    });
    broker.byHand(limit('fxlvAAAA'));
    const { home } = leftLiveBook();
    const { code, data } = await halt(home, broker.env);
    expect(code).toBe(4);
    expect(data.notProven).toMatchObject([{ what: 'order', reason: 'status 503' }]);
  });

  it('an order in doubt that shows up late is found and cancelled: exit 0', async () => {
    const broker = await aBroker();
    const { home } = leftLiveBook(anEntry('fxlvLATE', { attemptedAt: clock.now() }));
    setTimeout(() => broker.byHand(limit('fxlvLATE')), 1_500);
    const { code, data } = await halt(home, broker.env);
    expect([code, data.notProven]).toEqual([0, []]);
    expect(data.cancelled).toMatchObject([{ clientId: 'fxlvLATE' }]);
    expect(broker.working()).toEqual([]);
  });

  it('an order in doubt that nobody knows is not proven: exit 4', async () => {
    const broker = await aBroker();
    const { home } = leftLiveBook(anEntry('fxlvGONE', { attemptedAt: clock.now() - 60_000 }));
    const { code, data } = await halt(home, broker.env);
    expect(code).toBe(4);
    expect(data.notProven).toMatchObject([{ what: 'order', order: 'fxlvGONE' }]);
  });

  it('a broker that cannot be asked is exit 6, and the latch stands', async () => {
    const broker = await aBroker({ rules: [{ on: 'any', fault: { kind: 'revoked' } }] });
    const { home } = leftLiveBook();
    const { code, data } = await halt(home, broker.env);
    expect(code).toBe(6);
    expect(data.notProven).toMatchObject([{ what: 'broker' }]);
    expect(readHalts(home)).toHaveLength(1);
  });

  it('without keys for a live book it says that it could not ask: exit 6', async () => {
    const { home } = leftLiveBook();
    expect(await halt(home, {})).toMatchObject({
      code: 6,
      data: { notProven: [{ what: 'broker', account: ACCOUNT }] },
    });
  });

  it('settings, binding and journal that are damaged do not keep it from the orders', async () => {
    const broker = await aBroker();
    broker.byHand(limit('fxlvAAAA'));
    const { home, folder } = leftLiveBook(anEntry('fxlvBBBB', { attemptedAt: clock.now() - 60_000 }));
    writeFileSync(join(home, 'config.json'), '{{{');
    const path = join(folder, 'journal.ndjson');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"type":"submit"', '"type":"sub'));
    appendFileSync(path, 'nonsense\n{"h":"torn');
    const { code, data } = await halt(home, broker.env);
    expect(code).toBe(4);
    expect(data.cancelled).toMatchObject([{ clientId: 'fxlvAAAA' }]);
    expect(data.notProven.map(({ order }) => order)).toContain('fxlvBBBB');
    writeFileSync(join(folder, 'book.json'), '{');
    expect((await halt(home, broker.env)).code).toBe(6);
  });

  it('a latch that cannot be written: the orders go all the same, and it is exit 7', async () => {
    const broker = await aBroker();
    broker.byHand(limit('fxlvAAAA'));
    const { home } = leftLiveBook();
    mkdirSync(join(home, 'HALT'));
    const { code, error } = await halt(home, broker.env);
    expect(code).toBe(7);
    expect(error.message).toContain('1 order(s) were cancelled');
    expect(error.facts).toMatchObject({ entriesBlocked: true });
    expect(broker.working()).toEqual([]);
  });

  it('two halts at once both prove it', async () => {
    const broker = await aBroker();
    for (const n of [1, 2, 3, 4]) broker.byHand(limit(`fxlvAAA${n}`));
    const { home } = leftLiveBook();
    const both = await Promise.all([halt(home, broker.env), halt(home, broker.env)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(broker.working()).toEqual([]);
  });

  it('a session that hangs is ended, and the orders go', async () => {
    const broker = await aBroker();
    broker.byHand(limit('fxlvAAAA'));
    const { home, folder } = leftLiveBook();
    const hung = spawn(process.execPath, ['-e', 'process.stdout.write("up");setInterval(()=>{},1e6)']);
    await new Promise((done) => hung.stdout?.once('data', done));
    const stat = readFileSync(`/proc/${hung.pid}/stat`, 'utf8');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: hung.pid, startedAt, bootId }));
    hung.kill('SIGSTOP');
    const ended = new Promise((done) => hung.once('exit', (_, signal) => done(signal)));
    const { code, data } = await halt(home, broker.env);
    expect([code, data.sessions]).toMatchObject([0, [{ confirmed: false, killed: true }]]);
    expect(await ended).toBe('SIGKILL');
    expect(broker.working()).toEqual([]);
  });

  it('a process that only has the number of a session that is gone is left alone', async () => {
    const broker = await aBroker();
    const { home, folder } = leftLiveBook();
    const other = spawn(process.execPath, ['-e', 'process.stdout.write("up");setInterval(()=>{},1e6)']);
    await new Promise((done) => other.stdout?.once('data', done));
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: other.pid, startedAt: '1', bootId }));
    const { code, data } = await halt(home, broker.env);
    expect([code, data.sessions, other.exitCode, other.signalCode]).toEqual([0, [], null, null]);
    other.kill();
  });
});
