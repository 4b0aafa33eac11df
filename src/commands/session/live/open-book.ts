import type { FxError } from '../../../core/base/errors.js';
import type { Outbox } from '../../../core/dispatch/outbox.js';
import { mintedClientId } from '../../../core/model/ids.js';
import { minorUnitOf } from '../../../core/model/instruments.js';
import type { Clock, Stopwatch } from '../../../core/ports/clock.js';
import type { Venue } from '../../../core/ports/venue.js';
import { programHash } from '../../../core/state/books/program-hash.js';
import { writeHalt } from '../../../core/state/halt-file.js';
import { randomBits } from '../../../core/state/random-bits.js';
import type { SessionHost } from '../backtest.js';
import { approvalOf } from '../inputs/approval.js';
import { type Prepared, sha256 } from '../inputs/prepare.js';
import type { RecordedHalts } from '../realtime/recorded-halts.js';
import { LiveBook } from './book/live-book.js';
import { WARM_UP_BARS } from './live-parts.js';
import { rowsUpTo } from './market/recorded-bars.js';
import type { VenueMarket } from './market/venue-market.js';

/** Enough of the hash of the settings to tell them from all others. */
const CONFIG_DIGITS = 16;

export function openBook(parts: {
  readonly folder: string;
  readonly prepared: Prepared;
  readonly market: VenueMarket;
  readonly venue: Venue;
  readonly halts: RecordedHalts;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly host: SessionHost;
  readonly name: string;
  readonly account: string;
}): Promise<LiveBook> {
  const { folder, prepared, market, venue, halts, outbox, clock, stopwatch, host, name, account } = parts;
  const { request, definition, params, loaded, costs, capital, currency } = prepared;
  const { boot = '' } = stopwatch;
  const configHash = sha256(loaded.canonical);
  const [build, config] = [`${host.version}+${programHash()}`, configHash.slice(0, CONFIG_DIGITS)];
  return LiveBook.open({
    folder,
    digits: minorUnitOf(currency),
    heartbeat: host.heartbeat,
    clockNow: () => clock.now(),
    stamp: () => ({ mono: Math.round(stopwatch.mono()), boot, build, config }),
    // A journal that cannot be written is the end of trading, not of this session alone.
    onFailure: (error) => haltFor(request.home, venue.name, name, clock.now(), error),
    async *warmUp(until) {
      const bars = await market.fetch(until - WARM_UP_BARS * market.timeframeMs, until);
      yield* market.merged(rowsUpTo(bars, until));
    },
    plan: {
      request,
      market,
      definition,
      params,
      limits: loaded.settings.risk,
      sizing: loaded.settings.sizing,
      costs,
      capital,
      currency,
      halted: halts.stateOf,
      approval: approvalOf(prepared, {
        mode: 'live',
        broker: venue.name,
        account: `${venue.name} ${account}`,
        configHash,
      }),
      venue: {
        broker: () => outbox,
        mint: () => mintedClientId('lv', randomBits()),
        cashDigits: venue.rules.cashDigits,
      },
    },
  });
}

function haltFor(home: string, broker: string, book: string, now: number, error: FxError): void {
  const halt = {
    id: `state-${book}-${now.toString(36)}`,
    time: new Date(now).toISOString(),
    who: 'engine',
    reason: `${error.message} (book ${book})`,
    scope: `broker:${broker}`,
    mode: 'reduce-only',
  } as const;
  try {
    writeHalt(home, halt);
  } catch {
    // The disk takes nothing: the session ends with this very error, and says so.
  }
}
