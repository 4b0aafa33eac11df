/** The small parts that everything else is made of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ema, Sma } from '../dist/core/indicators/average.js';
import { RollingSd } from '../dist/core/indicators/dispersion.js';
import { Rsi } from '../dist/core/indicators/oscillator.js';
import { Atr } from '../dist/core/indicators/range.js';
import { Ledger } from '../dist/core/model/ledger.js';
import { assess } from '../dist/core/risk/gate.js';
import { noLimits } from '../dist/core/risk/presets.js';
import { Journal } from '../dist/core/state/books/journal.js';
import { checkJournal } from '../dist/core/state/books/journal-check.js';
import { tryKernelLock } from '../dist/core/state/lock/kernel-lock.js';
import { fastest, same, told } from './measure.js';

export async function kernels(bars) {
  await gate();
  await ledger();
  await indicators(bars);
  await journal();
  await restart();
  await lock();
}

const TEN_RULES = {
  ...{ maxPositionBps: 1000, maxGrossLeverage: 2, maxNetLeverage: 1, maxOpenPositions: 10, maxNewPositionsPerDay: 3 },
  ...{ maxCurrencyNetBps: 5000, minCashReserveBps: 2500, maxOrdersPerMinute: 10, priceCollarBps: 50, maxSpreadBps: 20 },
};

async function gate() {
  const goes = 100_000;
  const instrument = {
    ...{ id: 'EUR/USD', assetClass: 'fx', base: 'EUR', quote: 'USD', tick: 0.0001, pip: 0.0001, lotStep: 1 },
    ...{ minUnits: 1, marginRate: 0.05, typicalSpread: 0.0001, hours: 'always' },
  };
  const view = {
    ...{ instrument, units: 0, pendingUnits: 0, price: 1, spread: 0, quoteToAccount: 1, quoteAgeMs: 0 },
    ...{ timeframeMs: 60_000, dailyReturns: new Float64Array(0) },
  };
  const book = {
    ...{ now: 1.7e12, equity: 100_000, marginUsed: 0, currency: 'USD', instruments: new Map([['EUR/USD', view]]) },
    ...{ newPositionsToday: 0, ordersLastMinute: 0, recentIntents: [], blocked: [], nothingMayLeave: false },
    carryBook: false,
  };
  const intent = {
    ...{ instrument: 'EUR/USD', side: 'buy', units: 1000, type: 'market', timeInForce: 'GTC', reduceOnly: false },
    reason: 'bench',
  };
  const limits = { ...noLimits, ...TEN_RULES };
  same('gate: an order inside its limits passes', assess(limits, [intent], book)[0].kind, 'passed');
  same('gate: one outside is refused', assess(limits, [{ ...intent, units: 1e6 }], book)[0].kind, 'refused');
  const ms = await fastest(7, () => {
    for (let i = 0; i < goes; i++) assess(limits, [intent], book);
  });
  told('gate, ten rules, one order', (ms * 1e6) / goes, 'ns');
}

async function ledger() {
  const goes = 200_000;
  let book;
  const fills = Array.from({ length: goes }, (_, i) => ({
    ...{ orderId: 'o', ts: i, instrument: 'W1', side: i % 2 === 0 ? 'buy' : 'sell', units: 10, price: 100 + (i % 2) },
    ...{ commission: 0, spreadCost: 0, slippageCost: 0, impactCost: 0, reason: '' },
  }));
  const ms = await fastest(7, () => {
    book = new Ledger(['W1'], 1e9, 2);
    for (const fill of fills) book.applyFill(fill, 1, Number.NaN);
  });
  same('ledger: cash after its round trips', book.cash, 1e9 + (goes / 2) * 10);
  told('ledger, one fill', (ms * 1e6) / goes, 'ns');
}

async function indicators({ close, high, low, n }) {
  const kinds = {
    'Sma(64)': () => new Sma(64),
    'Ema(64)': () => new Ema(64),
    'Rsi(14)': () => new Rsi(14),
    'RollingSd(20)': () => new RollingSd(20),
    'Atr(14)': () => new Atr(14),
  };
  for (const [name, make] of Object.entries(kinds)) {
    let last = Number.NaN;
    const ms = await fastest(5, () => {
      const indicator = make();
      if (name.startsWith('Atr')) for (let i = 0; i < n; i++) last = indicator.update(high[i], low[i], close[i]);
      else for (let i = 0; i < n; i++) last = indicator.update(close[i]);
    });
    if (name === 'Sma(64)') same('Sma(64): its last value', last, close.slice(-64).reduce((sum, x) => sum + x, 0) / 64);
    told(`indicator ${name}, one value`, (ms * 1e6) / n, 'ns');
  }
}

async function journal() {
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-bench-'));
  const book = new Journal(folder);
  const fields = { instrument: 'EUR/USD', side: 'buy', units: 1000, price: 1.2345, reason: 'bench' };
  const goes = 200;
  const ms = await fastest(3, () => {
    for (let i = 0; i < goes; i++) {
      book.append(1.7e12, 'order', fields);
      book.flush(true);
    }
  });
  same('journal: records', book.position.seq, goes * 3);
  told('journal, append and fsync', (ms * 1000) / goes, 'µs');
  book.close();
  rmSync(folder, { recursive: true });
}

/** What a restart does before anything else: every hash and link of 100,000 records, then every record as a value. */
async function restart() {
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-bench-'));
  const records = 100_000;
  const book = new Journal(folder);
  const fill = { orderId: 'o-1', executionId: 'x-1', instrument: 'EUR/USD', side: 'buy', units: 1000, price: 1.2345 };
  for (let i = 0; i < records; i++) book.append(1.7e12 + i, 'fill', { fill });
  book.close();
  let seq = 0;
  const verify = await fastest(3, () => {
    seq = checkJournal(folder).last.seq;
  });
  same('journal: records verified', seq, records);
  told('journal of 100,000 records, verify', verify, 'ms', { most: 1000 });
  let read = 0;
  const whole = await fastest(3, () => {
    const again = new Journal(folder);
    read = again.recordsAfter({ seq: 0, hash: '', bytes: 0 }).length;
    again.close();
  });
  same('journal: records read', read, records);
  told('journal of 100,000 records, open and read all', whole, 'ms', { most: 3000 });
  rmSync(folder, { recursive: true });
}

async function lock() {
  const goes = 200;
  const ms = await fastest(5, async () => {
    for (let i = 0; i < goes; i++) (await tryKernelLock('bench'))?.release();
  });
  same('lock: free again', (await tryKernelLock('bench')) === undefined, false);
  told('lock that the kernel keeps, take and release', (ms * 1000) / goes, 'µs', { most: 1000 });
}
