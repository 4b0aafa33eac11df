import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/ports/clock.js';
import { Journal } from '../../../src/core/state/books/journal.js';
import { readJournal } from '../../../src/core/state/books/journal-reader.js';
import { readOrderLog } from '../../../src/core/state/emergency/order-log.js';
import { readHalts } from '../../../src/core/state/halt-file.js';
import { type LoopbackBroker, leftLiveBook, loopbackBroker } from '../../helpers/loopback-broker.js';
import { ACCOUNT } from '../../helpers/oanda-sandbox.js';
import { newHome, playSession } from '../../helpers/paper-session.js';
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
const market = (instrument: string, units: number, more: object = {}) => ({
  type: 'MARKET',
  instrument,
  units: String(units),
  ...more,
});
const aHome = () => mkdtempSync(join(tmpdir(), 'fxtrade-close-'));

async function closeAll(home: string, env: Readonly<Record<string, string>>, flags = `--confirm ${ACCOUNT}`) {
  const { code, json } = await runCli(`close-all ${flags} --json`, { home, env, clock });
  return { code, data: json()['data'] as Record<string, unknown>, error: json()['error'] as { code: string } };
}

describe('close-all at a broker', () => {
  it('halts, cancels stops too, closes exactly what is held, and says flat: exit 0', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000, { stopLossOnFill: { price: '1.05000' } }));
    broker.byHand(market('USD_JPY', -300));
    broker.byHand({ type: 'LIMIT', instrument: 'GBP_USD', units: '10', price: '1.00000' });
    const { home, folder } = leftLiveBook();
    const { code, data } = await closeAll(home, broker.env);
    expect(code).toBe(0);
    expect(data).toMatchObject({ flat: true, residual: [], dryRun: false, latch: join(home, 'HALT') });
    expect(data['closed']).toMatchObject([
      { instrument: 'EUR/USD', units: 1000, price: 1.1, account: ACCOUNT },
      { instrument: 'USD/JPY', units: -300, price: 145.02, account: ACCOUNT },
    ]);
    expect(broker.truth().positions).toEqual([]);
    expect(broker.working()).toEqual([]);
    expect(readHalts(home)).toMatchObject([{ scope: 'all', mode: 'reduce-only', reason: 'close-all' }]);
    const types: string[] = [];
    readJournal(folder, { onRecord: (text) => void types.push(String(JSON.parse(text.toString())['type'])) });
    expect([types[0], types.at(-1)]).toEqual(['close-all', 'closed-all']);
    expect([...readOrderLog(folder).orders.values()].map(({ state }) => state)).toEqual(['filled', 'filled']);
    expect((await closeAll(home, broker.env)).data).toMatchObject({ flat: true, closed: [] });
  });

  it('closes in slices what the broker takes no single order for, each of them journalled before it leaves', async () => {
    const broker = await loopbackBroker({}, 400);
    open.push(broker);
    for (let part = 0; part < 4; part++) broker.byHand(market('EUR_USD', 250));
    broker.byHand(market('USD_JPY', -300));
    const { home, folder } = leftLiveBook();
    const plan = (await closeAll(home, broker.env, '--dry-run')).data['plan'] as { close: { units: number }[] }[];
    expect(plan[0]?.close.map(({ units }) => units)).toEqual([300, 400, 400, 200]);

    const { code, data } = await closeAll(home, broker.env);

    expect([code, data['flat'], data['residual']]).toEqual([0, true, []]);
    expect(data['closed']).toMatchObject([
      { instrument: 'EUR/USD', units: 1000, orders: 3 },
      { instrument: 'USD/JPY', units: -300, orders: 1 },
    ]);
    const closes = broker.truth().orders.filter(({ clientId }) => clientId?.startsWith('fxca'));
    expect(closes.map(({ units }) => units).sort((a, b) => a - b)).toEqual([-400, -400, -200, 300]);
    expect(broker.truth().positions).toEqual([]);
    expect([...readOrderLog(folder).orders.values()].map(({ state }) => state)).toEqual(Array(4).fill('filled'));
  });

  it('status knows what was closed before the session does, and counts it once', async () => {
    const broker = await aBroker();
    const opened = broker.byHand(market('EUR_USD', 1000, { clientExtensions: { id: 'fxlvOPEN' } }));
    const fill = { orderId: 'o-1', executionId: 'x', instrument: 'EUR/USD', side: 'buy', units: 1000, price: 1.1 };
    expect(opened).toHaveProperty('orderFillTransaction');
    const { home, folder } = leftLiveBook([{ type: 'fill', fields: { fill } }]);
    await closeAll(home, broker.env);
    const books = async () => (await runCli('status --json', { home })).json()['data'] as { books: unknown[] };
    expect((await books()).books).toMatchObject([{ positions: [], orders: [] }]);
    const told: { record?: { event?: { kind: string; id: string } } }[] = [];
    readJournal(folder, { onRecord: (text) => void told.push(JSON.parse(text.toString())) });
    const id = told.find(({ record }) => record?.event?.kind === 'filled')?.record?.event?.id;
    const again = { ...fill, side: 'sell', executionId: id };
    const journal = new Journal(folder, {});
    journal.append(clock.now(), 'late-fill', { fill: again });
    journal.close();
    expect((await books()).books).toMatchObject([{ positions: [] }]);
  });

  it('--dry-run prints the plan and changes nothing', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    const { home, folder } = leftLiveBook();
    const before = readFileSync(join(folder, 'journal.ndjson'), 'utf8');
    const { code, data } = await closeAll(home, broker.env, '--dry-run');
    expect([code, data['flat']]).toEqual([0, false]);
    expect(data['plan']).toMatchObject([
      { account: ACCOUNT, close: [{ instrument: 'EUR/USD', side: 'sell', units: 1000 }], unknown: null },
    ]);
    expect(readHalts(home)).toEqual([]);
    expect(readFileSync(join(folder, 'journal.ndjson'), 'utf8')).toBe(before);
    expect(broker.truth().orders).toHaveLength(1);
  });

  it.each([
    ['', 'USAGE.NO_TERMINAL'],
    ['--confirm paper', 'USAGE.WRONG_ACCOUNT'],
    ['--confirm 101-004-1234567-002', 'USAGE.WRONG_ACCOUNT'],
    ['--broker oand', 'USAGE.BAD_VALUE'],
    ['--book nothing', 'USAGE.NO_BOOK'],
  ])('without consent nothing happens: %s is exit 2 (%s)', async (flags, expected) => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    const { home } = leftLiveBook();
    const { code, error } = await closeAll(home, broker.env, flags);
    expect([code, error.code]).toEqual([2, expected]);
    expect([readHalts(home).length, broker.truth().positions.length]).toEqual([0, 1]);
  });

  it('--broker latches that broker only; --force needs no name', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    const home = aHome();
    const { code, data } = await closeAll(home, broker.env, '--broker oanda --force');
    expect([code, data['flat']]).toEqual([0, true]);
    expect(readHalts(home)).toMatchObject([{ scope: 'broker:oanda' }]);
  });

  it('what cannot be closed is named with what to do: exit 4', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    broker.byHand(market('GBP_USD', 500));
    broker.sandbox.happen({ kind: 'halt', instrument: 'EUR_USD', halted: true }, clock.now());
    const { code, data } = await closeAll(leftLiveBook().home, broker.env);
    expect([code, data['flat']]).toEqual([4, false]);
    expect(data['residual']).toMatchObject([
      {
        instrument: 'EUR/USD',
        units: 1000,
        reason: expect.stringContaining('cannot be traded now'),
        next: expect.any(String),
      },
    ]);
    expect(broker.truth().positions).toMatchObject([{ instrument: 'EUR_USD', units: 1000 }]);
  });

  it('a broker that does not answer is not known to be flat: exit 6, and the latch stands', async () => {
    const broker = await aBroker({ rules: [{ on: 'any', fault: { kind: 'revoked' } }] });
    const { home } = leftLiveBook();
    const { code, data } = await closeAll(home, broker.env);
    expect([code, data['flat']]).toEqual([6, null]);
    expect(readHalts(home)).toHaveLength(1);
  });

  it('a book that is damaged: closed all the same, journalled elsewhere, and said', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    const { home, folder } = leftLiveBook([{ type: 'tick', fields: {} }]);
    writeFileSync(join(folder, 'journal.ndjson'), 'nonsense\n');
    const { code, data } = await closeAll(home, broker.env);
    expect([code, data['flat']]).toEqual([0, true]);
    expect(data['notes']).toMatchObject([expect.stringContaining('journalled in')]);
    expect(readFileSync(join(folder, 'journal.ndjson'), 'utf8')).toBe('nonsense\n');
  });

  it('a live book that does not say where it trades is not known to be flat: exit 6', async () => {
    const { home, folder } = leftLiveBook();
    writeFileSync(join(folder, 'book.json'), '{');
    const { code, data } = await closeAll(home, {}, '--force');
    expect([code, data['flat']]).toEqual([6, null]);
    expect(data['notes']).toMatchObject([expect.stringContaining('does not say which account')]);
  });

  it('a latch that cannot be written: flat all the same, and exit 7', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    const { home } = leftLiveBook();
    mkdirSync(join(home, 'HALT'));
    const { code, data } = await closeAll(home, broker.env);
    expect([code, data['flat'], data['latch']]).toEqual([7, true, null]);
  });

  it('two at once never close twice', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    const { home } = leftLiveBook();
    const both = await Promise.all([closeAll(home, broker.env), closeAll(home, broker.env)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(broker.truth().fills.map(({ units }) => units)).toEqual([1000, -1000]);
  });

  it('a home that takes nothing: flat all the same, nothing journalled, and it is said', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    const { home } = leftLiveBook();
    mkdirSync(join(home, 'HALT'));
    for (const name of ['locks', 'evidence']) writeFileSync(join(home, name), '');
    const { code, data } = await closeAll(home, broker.env);
    expect([code, data['flat']]).toEqual([7, true]);
    expect(data['notes']).toContainEqual(expect.stringContaining('nothing was journalled'));
  });
});

describe('close-all of play money', () => {
  const paperHome = () => {
    const home = aHome();
    const folder = join(home, 'books', 'paper-default');
    const { folder: live } = leftLiveBook([
      {
        type: 'fill',
        fields: { fill: { orderId: 'o-1', instrument: 'EUR/USD', side: 'buy', units: 10, price: 1.1 } },
      },
    ]);
    cpSync(live, folder, { recursive: true });
    const bound = JSON.parse(readFileSync(join(folder, 'book.json'), 'utf8'));
    writeFileSync(join(folder, 'book.json'), JSON.stringify({ ...bound, kind: 'realtime', arguments: {} }));
    return home;
  };

  it('that an earlier version began is left and named: exit 4, consent is paper', async () => {
    const { code, data } = await closeAll(paperHome(), {}, '--confirm paper');
    expect([code, data['flat']]).toEqual([4, false]);
    expect(data['residual']).toMatchObject([
      { broker: 'sim', account: 'paper-default', instrument: 'EUR/USD', units: 10, next: expect.any(String) },
    ]);
  });

  it('beside an account is closed too, after it; what cannot be closed is left', async () => {
    const broker = await aBroker();
    broker.byHand(market('EUR_USD', 1000));
    const { code, data } = await closeAll(paperHome(), broker.env);
    expect([code, data['flat']]).toEqual([4, false]);
    expect(data['closed']).toMatchObject([{ account: ACCOUNT, units: 1000 }]);
    expect(data['residual']).toMatchObject([{ account: 'paper-default', units: 10 }]);
    expect((await closeAll(paperHome(), broker.env, '--broker oanda --force')).code).toBe(0);
  });

  it('is planned by --dry-run, closed at a price, and flat the second time', async () => {
    const home = newHome();
    const looks = Array.from({ length: 9 }, (_, hour) => Date.UTC(2026, 0, 6, 10 + hour));
    await playSession({ home, looks, strategy: 'sma-cross', params: { fast: '2', slow: '4' } });
    const plan = await closeAll(home, {}, '--dry-run');
    expect(plan).toMatchObject({ code: 0, data: { flat: false, plan: [{ broker: 'sim', account: 'paper-default' }] } });
    expect(existsSync(join(home, 'HALT'))).toBe(false);
    const { code, data } = await closeAll(home, {}, '--confirm paper');
    expect([code, data['flat'], data['residual']]).toEqual([0, true, []]);
    expect(data['closed']).toMatchObject([
      { broker: 'sim', account: 'paper-default', instrument: 'EUR/USD', price: expect.any(Number), orders: 1 },
    ]);
    expect(data['accounts']).toMatchObject([{ flat: true, journalWhy: null }]);
    expect(await closeAll(home, {}, '--confirm paper')).toMatchObject({ code: 0, data: { closed: [], accounts: [] } });
  });

  it('in a replay is history: said, and not touched', async () => {
    const home = paperHome();
    const path = join(home, 'books', 'paper-default', 'book.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"realtime"', '"replay"'));
    const { code, data } = await closeAll(home, {}, '--confirm paper');
    expect([code, data['flat'], data['residual']]).toEqual([0, true, []]);
    expect(data['notes']).toMatchObject(['paper-default is a replay: history, which is not touched']);
  });
});
