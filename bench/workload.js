/**
 * Workload W1: prices, the definition of its result as a plain loop, and its files. Nothing of the program is used here, so
 * that it can bear witness about it.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const START_SECONDS = 1_577_836_800;

/** `n` bars of a whole-numbered walk between 90,000 and 130,000, by a linear congruential generator. */
export function walk(n, seed = 20240607) {
  const column = () => new Float64Array(n);
  const bars = { n, open: column(), high: column(), low: column(), close: column(), ts: column() };
  let state = seed >>> 0;
  let price = 110_000;
  for (let i = 0; i < n; i++) {
    state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0;
    let step = ((state >>> 16) % 13) - 6;
    if (price < 90_000) step = Math.abs(step);
    if (price > 130_000) step = -Math.abs(step);
    const close = price + step;
    bars.open[i] = price;
    bars.close[i] = close;
    bars.high[i] = Math.max(price, close) + ((state >>> 8) % 5);
    bars.low[i] = Math.min(price, close) - ((state >>> 4) % 5);
    bars.ts[i] = (START_SECONDS + 60 * (i + 1)) * 1000;
    price = close;
  }
  return bars;
}

/** What W1 must give: a long while the fast mean is above the slow one, from cross to cross, filled at the close. */
export function expected(bars, fast = 16, slow = 64) {
  const { close, n } = bars;
  let fastSum = 0;
  let slowSum = 0;
  let before;
  let entry = -1;
  const result = { trades: 0, ticks: 0, checksum: 0 };
  for (let i = 0; i < n; i++) {
    fastSum += close[i] - (i >= fast ? close[i - fast] : 0);
    slowSum += close[i] - (i >= slow ? close[i - slow] : 0);
    if (i < slow - 1) continue;
    const difference = fastSum * slow - slowSum * fast;
    if (before !== undefined) {
      if (entry < 0 && difference > 0 && before <= 0) entry = i;
      else if (entry >= 0 && difference < 0 && before >= 0) {
        result.trades++;
        result.ticks += close[i] - close[entry];
        result.checksum = (result.checksum + 31 * entry + 17 * i) % 1_000_000_007;
        entry = -1;
      }
    }
    before = difference;
  }
  return result;
}

/** The same three figures of trades as the engine makes them. */
export function resultOf(trades) {
  const bar = (time) => Math.round((time / 1000 - START_SECONDS) / 60) - 1;
  const result = { trades: trades.length, ticks: 0, checksum: 0 };
  for (const { entryTime, exitTime, entryPrice, exitPrice } of trades) {
    result.ticks += exitPrice - entryPrice;
    result.checksum = (result.checksum + 31 * bar(entryTime) + 17 * bar(exitTime)) % 1_000_000_007;
  }
  return result;
}

/** The bars as a csv whose times label the open, as the program expects. */
export function writeCsv(path, bars) {
  const file = openSync(path, 'w');
  let text = 'time,open,high,low,close,volume\n';
  for (let i = 0; i < bars.n; i++) {
    text += `${START_SECONDS + 60 * i},${bars.open[i]},${bars.high[i]},${bars.low[i]},${bars.close[i]},1\n`;
    if (text.length < 1 << 20) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
}

/** The command of W1 but for its capital, csv and folder. */
export const W1_FLAGS = [
  ...['--instruments', 'W1', '--timeframe', '1m', '--param', 'longOnly=true'],
  ...['--set', 'sizing.method=fixed-units', '--set', 'sizing.units=100000', '--set', 'risk.preset=none'],
  ...['--set', 'instruments.W1.tick=1', '--costs', 'none', '--fill', 'close', '--capital', '1e12', '--json'],
];
