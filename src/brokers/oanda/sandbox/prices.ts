import { roundTo } from '../../../core/base/num.js';
import { seededRng } from '../../../core/base/rng.js';
import type { EpochMs } from '../../../core/model/ids.js';
import type { Corners, PriceUpdate, SandboxBar, SandboxInstrument } from './message.js';

/** A price and when it holds from. */
export interface TimedPrice extends PriceUpdate {
  readonly at: EpochMs;
}

/** Plays prices in time order: each call gives what became known since the last one, of every instrument the newest only. */
export function played(prices: Iterable<TimedPrice>): (now: EpochMs) => readonly PriceUpdate[] {
  const rest = prices[Symbol.iterator]();
  let next = rest.next();
  return (now) => {
    const newest = new Map<string, PriceUpdate>();
    while (next.done !== true && next.value.at <= now) {
      const { at: _, ...update } = next.value;
      newest.set(update.instrument, update);
      next = rest.next();
    }
    return [...newest.values()];
  };
}

/** A seeded walk: every `stepMs` each instrument moves up or down by a few ticks, or stays. */
export function* walk(
  instruments: readonly (SandboxInstrument & { readonly mid: number; readonly spread: number })[],
  from: EpochMs,
  stepMs: number,
  seed: number | string,
): Generator<TimedPrice, never> {
  const rng = seededRng(`sandbox walk ${seed}`);
  const mids = instruments.map((one) => one.mid);
  for (let at = from; ; at += stepMs) {
    for (const [i, one] of instruments.entries()) {
      const tick = 1 / 10 ** one.displayPrecision;
      const mid = Math.max(one.spread + tick, (mids[i] ?? one.mid) + Math.round(rng.next() * 6 - 3) * tick);
      mids[i] = mid;
      const bid = roundTo(mid - one.spread / 2, tick);
      yield { at, instrument: one.name, bid, ask: roundTo(bid + Math.max(tick, one.spread), tick) };
    }
  }
}

/** Where the price of a bar is after a share of its time: open, the nearer extreme, the other one, close, in straight lines. */
export function insideBar(
  bar: SandboxBar,
  share: number,
  tick: number,
): { readonly bid: number; readonly ask: number } {
  return { bid: roundTo(along(bar.bid, share), tick), ask: roundTo(along(bar.ask, share), tick) };
}

function along({ o, h, l, c }: Corners, share: number): number {
  const points = c >= o ? [o, l, h, c] : [o, h, l, c];
  const at = Math.min(Math.max(share, 0), 1) * 3;
  const leg = Math.min(2, Math.floor(at));
  const [from = c, to = c] = [points[leg], points[leg + 1]];
  return from + (to - from) * (at - leg);
}
