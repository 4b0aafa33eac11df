import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readOrderLog } from '../../../src/core/state/emergency/order-log.js';
import { readHalts } from '../../../src/core/state/halt-file.js';
import { type BuiltProgram, builtProgram } from '../../helpers/built-program.js';
import { journalOf, liveDesk } from '../../helpers/live-desk.js';
import { leftLiveBook, loopbackBroker } from '../../helpers/loopback-broker.js';

let program: BuiltProgram;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  program = await builtProgram();
}, 60_000);
afterAll(() => program.remove());
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A live session of whole processes that has decided once and runs on. */
async function running() {
  const desk = await liveDesk(program);
  ends.push(() => desk.close());
  const { home, account, standIn, strategy } = desk;
  const args = `live ${strategy} --instruments EUR/USD --timeframe 1m --set approval.required=false --json --confirm ${account}`;
  const session: ChildProcess = spawn(process.execPath, [program.bin, '--home', home, ...args.split(' ')], {
    env: { ...process.env, ...standIn.exports },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ends.push(() => session.kill('SIGKILL'));
  const ended = new Promise<string | number | null>((done) =>
    session.once('exit', (code, signal) => done(signal ?? code)),
  );
  let told = '';
  session.stdout?.on('data', (chunk) => {
    told += String(chunk);
  });
  const folder = join(home, 'books', `live-${account}`);
  await until(() => existsSync(join(folder, 'journal.ndjson')) && told.includes('"reconciled"'));
  /** A person at the broker's own screen. */
  const byHand = async (order: object) => {
    const { OANDA_BASE_URL, OANDA_TOKEN } = standIn.exports;
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${OANDA_TOKEN}` },
      body: JSON.stringify({ order }),
    };
    const answer = await fetch(`${OANDA_BASE_URL}/v3/accounts/${account}/orders`, init);
    expect(answer.status).toBe(201);
  };
  return { ...desk, session, ended, folder, byHand };
}

async function until(holds: () => boolean, ms = 20_000): Promise<void> {
  for (let waited = 0; !holds(); waited += 50) {
    if (waited > ms) throw new Error('it never came to hold');
    await new Promise((done) => setTimeout(done, 50));
  }
}

const dataOf = (text: string) => JSON.parse(text).data;

describe('a live session and the safety commands, as whole processes', () => {
  it('halt: the session says that it saw it and goes on without orders; status tells; resume lifts it', async () => {
    const { run, byHand, account, session, home } = await running();
    await byHand({ type: 'LIMIT', instrument: 'EUR_USD', units: '10', price: '0.50000' });

    const halted = await run('halt --reason drill --json');

    expect(halted.code, halted.stdout + halted.stderr).toBe(0);
    expect(dataOf(halted.stdout)).toMatchObject({
      cancelled: [{ ours: false }],
      notProven: [],
      sessions: [{ pid: session.pid, confirmed: true, killed: false }],
    });
    const status = await run('status --json');
    expect(dataOf(status.stdout)).toMatchObject({
      halted: true,
      books: [{ account, mode: 'live', lock: { pid: session.pid }, damage: null }],
    });
    const resumed = await run(`resume --reason looked --confirm ${account} --json`);
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
    expect(readHalts(home)).toEqual([]);
  });

  it('a session that is stopped by the system is killed, and what it held is recovered after', async () => {
    const { run, session, ended, account, once } = await running();
    session.kill('SIGSTOP');

    const { code, stdout } = await run('halt --json');

    expect([code, dataOf(stdout).sessions]).toMatchObject([0, [{ confirmed: false, killed: true }]]);
    expect(await ended).toBe('SIGKILL');
    expect((await once()).code).toBe(5);
    expect((await run(`resume --reason looked --confirm ${account}`)).code).toBe(0);
    expect((await once()).code).toBe(0);
  });

  it('close-all ends the session and its position; the book knows it: resume needs no --adopt, and live goes on', async () => {
    const { run, byHand, standIn, ended, account, once, folder } = await running();
    await byHand({ type: 'MARKET', instrument: 'USD_JPY', units: '500' });
    await until(() => standIn.truth().positions.length > 0);

    const { code, stdout, stderr } = await run(`close-all --confirm ${account} --json`);

    expect(code, stdout + stderr).toBe(0);
    expect(dataOf(stdout)).toMatchObject({ flat: true, residual: [], accounts: [{ stopped: [expect.any(Number)] }] });
    await ended;
    expect(standIn.truth().positions).toEqual([]);
    expect(standIn.truth().orders.filter(({ state }) => state === 'PENDING')).toEqual([]);
    expect(journalOf(folder).some(({ type }) => type === 'closed-all')).toBe(true);
    const resumed = await run(`resume --reason looked --confirm ${account} --json`);
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
    const next = await once();
    expect(next.code, next.stdout + next.stderr).toBe(0);
  });

  it('what a person did by hand keeps the halt until --adopt says that it is right', async () => {
    const { run, byHand, session, ended, account, once } = await running();
    session.kill('SIGTERM');
    await ended;
    await byHand({ type: 'MARKET', instrument: 'EUR_USD', units: '77' });
    await run('halt --latch-only');

    const refused = await run(`resume --reason looked --confirm ${account} --json`);

    expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([
      7,
      { error: { code: 'STATE.MISMATCH', message: expect.stringMatching(/EUR\/USD: our fills add up to/) } },
    ]);
    const adopted = await run(`resume --reason mine --adopt --confirm ${account} --json`);
    expect(adopted.code, adopted.stdout + adopted.stderr).toBe(0);
    const next = await once();
    expect(next.code, next.stdout + next.stderr).toBe(0);
  });

  it.each([
    ['the broker took the close and the answer is on its way', { kind: 'slow', ms: 4_000 }],
    ['the close is still on its way', { kind: 'late', ms: 2_500 }],
  ] as const)('a close-all that is killed while %s is run again: closed once, and flat', async (_, fault) => {
    const broker = await loopbackBroker({ rules: [{ on: 'submit', call: 1, fault }] });
    ends.push(() => broker.close());
    broker.byHand({ type: 'MARKET', instrument: 'EUR_USD', units: '1000' });
    const { home, folder } = leftLiveBook();
    const env = { ...process.env, ...broker.env };
    const close = () =>
      spawn(process.execPath, [program.bin, '--home', home, 'close-all', '--force', '--json'], { env });
    const first = close();
    await until(() => readFileSync(join(folder, 'journal.ndjson'), 'utf8').includes('"type":"attempt"'));
    await new Promise((done) => setTimeout(done, 200));
    first.kill('SIGKILL');

    const second = close();
    let said = '';
    second.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    expect(await new Promise((done) => second.once('exit', done))).toBe(0);

    expect(dataOf(said)).toMatchObject({ flat: true, residual: [] });
    expect(broker.truth().fills.map(({ units }) => units)).toEqual([1000, -1000]);
    expect(broker.truth().positions).toEqual([]);
    expect(readOrderLog(folder).orders.inDoubt()).toEqual([]);
  });
});
