import { instrumentId } from '../../../src/core/model/ids.js';
import type { Instrument } from '../../../src/core/model/instrument.js';
import type { OrderIntent } from '../../../src/core/model/order.js';
import type { Candidate } from '../../../src/core/risk/candidate.js';
import { Projection } from '../../../src/core/risk/candidate.js';
import { assess } from '../../../src/core/risk/gate.js';
import { noLimits } from '../../../src/core/risk/presets.js';
import type { BookView, InstrumentView, RiskLimits } from '../../../src/core/risk/rule.js';

export function anInstrument(symbol = 'EUR/USD', change: Partial<Instrument> = {}): Instrument {
  const [base = symbol, quote = 'USD'] = symbol.split('/');
  return {
    id: instrumentId(symbol),
    assetClass: symbol.includes('/') ? 'fx' : 'stock',
    base,
    quote,
    tick: 0.0001,
    pip: 0.0001,
    lotStep: 1,
    minUnits: 1,
    marginRate: 0.05,
    typicalSpread: 0.0001,
    hours: 'always',
    ...change,
  };
}

/** Price 1 and quote-to-account 1, so that units are money. */
export function aView(
  symbol = 'EUR/USD',
  change: Partial<InstrumentView> = {},
  instrument: Partial<Instrument> = {},
): InstrumentView {
  return {
    instrument: anInstrument(symbol, instrument),
    units: 0,
    pendingUnits: 0,
    price: 1,
    spread: 0,
    quoteToAccount: 1,
    quoteAgeMs: 0,
    timeframeMs: 60_000,
    dailyReturns: new Float64Array(0),
    ...change,
  };
}

export function aBook(views: readonly InstrumentView[] = [aView()], change: Partial<BookView> = {}): BookView {
  return {
    now: 1_700_000_000_000,
    equity: 100_000,
    marginUsed: 0,
    currency: 'USD',
    instruments: new Map(views.map((view) => [view.instrument.id, view])),
    newPositionsToday: 0,
    ordersLastMinute: 0,
    recentIntents: [],
    blocked: [],
    nothingMayLeave: false,
    carryBook: false,
    ...change,
  };
}

export function anIntent(change: Partial<OrderIntent> & { symbol?: string } = {}): OrderIntent {
  const { symbol = 'EUR/USD', ...rest } = change;
  return {
    instrument: instrumentId(symbol),
    side: 'buy',
    units: 1000,
    type: 'market',
    timeInForce: 'GTC',
    reduceOnly: false,
    reason: 'test',
    ...rest,
  };
}

export function only(change: Partial<RiskLimits>): RiskLimits {
  return { ...noLimits, ...change };
}

/** Keys of the limits that stop the last intent of the batch; empty when it passes. */
export function stoppedBy(limits: RiskLimits, intents: readonly OrderIntent[], book: BookView): readonly string[] {
  const verdict = assess(limits, intents, book).at(-1);
  return verdict?.kind === 'refused' ? verdict.failures.map((failure) => failure.limit) : [];
}

export function aCandidate(intent: OrderIntent, book: BookView): Candidate {
  const view = book.instruments.get(intent.instrument);
  if (view === undefined) throw new Error('the intent is of an instrument of the book');
  return new Projection(book).candidate(intent, view);
}
