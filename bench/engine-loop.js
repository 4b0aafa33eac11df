/** W1 through the engine's own objects: events, gate, booking, equity; no file is read or written. */
import { fileURLToPath } from 'node:url';
import { SimBroker } from '../dist/brokers/sim/broker.js';
import { defaultCosts, noCosts } from '../dist/core/costs/presets.js';
import { Engine } from '../dist/core/engine/engine.js';
import { Recorder } from '../dist/core/engine/record/recorder.js';
import { run } from '../dist/core/engine/run.js';
import { periodFlags } from '../dist/core/model/calendar/sessions.js';
import { replayClock } from '../dist/core/ports/clock.js';
import { noLimits, standardLimits } from '../dist/core/risk/presets.js';
import { defaultSizing } from '../dist/core/sizing/sizer.js';
import { smaCross } from '../dist/core/strategies/sma-cross.js';
import { mergeSources } from '../dist/feeds/merge/merge.js';
import { resultOf, walk } from './workload.js';

const MINUTE = 60_000;
const CHUNK = 65_536;
const W1 = {
  ...{ id: 'W1', assetClass: 'other', base: 'W1', quote: 'USD', tick: 1, pip: 1, lotStep: 1, minUnits: 1 },
  ...{ marginRate: 1, typicalSpread: 0, hours: 'data' },
};

/** Plays the bars once; `preset` is `none` (no costs, no limits) or `standard` (default costs, standard limits). */
export async function playW1(bars, preset) {
  const standard = preset === 'standard';
  const trades = [];
  const sink = { equity() {}, day() {}, order() {}, trade: (trade) => trades.push(trade) };
  const capital = 1e12;
  const recorder = new Recorder(
    { instruments: [W1], capital, from: Number.NEGATIVE_INFINITY, equityRows: 'bar' },
    sink,
  );
  const shared = {
    ...{ instruments: [W1], tradedCount: 1, timeframesMs: [MINUTE], currency: 'USD', minorUnitDigits: 2 },
    ...{ capital, rates: [] },
  };
  const params = { fast: 16, slow: 64, longOnly: true, stopBps: 0 };
  const plan = {
    ...shared,
    strategy: smaCross.create({ params, instruments: [W1], currency: 'USD' }),
    strategyName: 'sma-cross',
    history: 0,
    carryBook: false,
    limits: standard ? standardLimits : noLimits,
    sizing: { ...defaultSizing(), method: 'fixed-units', units: 100_000 },
    runKey: 'bench',
    decideFrom: Number.NEGATIVE_INFINITY,
    halted: () => ({ entries: false, everything: false, reason: '' }),
  };
  const engine = new Engine(plan, recorder);
  const costs = standard ? defaultCosts : noCosts;
  const broker = new SimBroker({ ...shared, sides: ['mid'], costs, fill: 'close', intrabar: 'pessimistic', seed: 1 });
  const { signal } = new AbortController();
  const market = mergeSources([source(bars)], (ts, next) => periodFlags(ts, next, 'data', MINUTE), signal);
  const start = process.hrtime.bigint();
  await run({ engine, recorder, broker, clock: replayClock(0), market, signal });
  engine.finish();
  const numbers = recorder.finish();
  return { ms: Number(process.hrtime.bigint() - start) / 1e6, trades, numbers };
}

function source({ n, open, high, low, close, ts }) {
  const volume = new Float64Array(n).fill(Number.NaN);
  return {
    info: { instrument: 'W1', side: 'mid', timeframeMs: MINUTE, simulated: false },
    async *chunks() {
      for (let from = 0; from < n; from += CHUNK) {
        const to = Math.min(n, from + CHUNK);
        const part = (column) => column.subarray(from, to);
        const price = { open: part(open), high: part(high), low: part(low), close: part(close) };
        yield { length: to - from, ts: part(ts), price, volume: part(volume) };
      }
    },
  };
}

// As a command, `node bench/engine-loop.js none|standard [bars]`: the least of seven goes, as JSON.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , preset = 'none', count = '1000000'] = process.argv;
  const bars = walk(Number(count));
  const { trades, numbers } = await playW1(bars, preset);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 7; i++) best = Math.min(best, (await playW1(bars, preset)).ms);
  console.log(JSON.stringify({ result: resultOf(trades), counts: numbers.counts, best }));
}
