import { type Prepared, prepare } from '../../../src/commands/session/inputs/prepare.js';
import type { RunRequest } from '../../../src/commands/session/inputs/request.js';
import type { VenueMarket } from '../../../src/commands/session/live/market/venue-market.js';
import { seededRng } from '../../../src/core/base/rng.js';
import { loadSettings } from '../../../src/core/config/settings.js';
import { type AnyStrategy, defineStrategy, type Wish, type Wishes } from '../../../src/core/strategies/strategy.js';
import { HOME } from '../orders/places.js';
import type { WorldOptions } from '../orders/world.js';

/** Limits that bind in gross exposure, and let a seed trade every minute. */
const SETS = [
  'risk.maxNewPositionsPerDay=1000',
  'risk.maxConsecutiveLosses=null',
  'risk.maxPositionBps=6000',
  'risk.maxGrossLeverage=1',
  'risk.maxNetLeverage=1',
  'risk.maxSectorBps=null',
  'risk.maxCurrencyNetBps=null',
  'risk.maxCorrelatedGroupBps=null',
  'risk.minCashReserveBps=null',
  'risk.perTradeRiskBps=null',
  'risk.var95DayBps=null',
  'risk.es95DayBps=null',
  'risk.defaultStopBps=100',
  'risk.maxQuoteAge.market=10s',
  'risk.maxQuoteAge.limit=20s',
];
/** Times equity: the limit itself. */
export const MOST_GROSS = 1;

/**
 * Wants something at each close, by the seed and the time alone: whoever repeats a bar wants the same again. Orders in so
 * many words ask for more than the limits allow, so that the limits are what decides.
 */
function aStrategy(seed: number | string): AnyStrategy {
  return defineStrategy({
    name: 'a-seed',
    params: {},
    create: ({ instruments }) => ({
      onSlice: (view): Wishes => {
        const rng = seededRng(`wish ${seed} ${view.now}`);
        return instruments.flatMap(({ id: instrument }): Wish[] => {
          const price = view.price(instrument);
          const kind = rng.next();
          if (price === undefined || kind < 0.2) return [];
          if (kind < 0.5) {
            return [{ kind: 'target', instrument, weight: Math.round(rng.next() * 10 - 5) / 10, reason: 'a seed' }];
          }
          const side = rng.next() < 0.5 ? 'buy' : 'sell';
          const sign = side === 'buy' ? 1 : -1;
          const worth = instrument.endsWith('/USD') ? price : 1;
          const units = Math.round((view.equity / worth) * (0.2 + rng.next() * 0.4));
          const digits = price > 20 ? 3 : 5;
          const at = (bps: number): number => Number((price * (1 + (sign * bps) / 10_000)).toFixed(digits));
          const order = { kind: 'order', instrument, side, units, reason: 'a seed' } as const;
          if (kind < 0.75) return [{ ...order, type: 'limit', price: at(-rng.next() * 8), stopLoss: at(-60) }];
          if (kind < 0.9) return [{ ...order, type: 'market', stopLoss: at(-40), takeProfit: at(40) }];
          return [{ kind: 'cancel', instrument, reason: 'a seed' }];
        });
      },
      save: () => null,
      load: () => undefined,
    }),
  });
}

const REQUEST: RunRequest = {
  mode: 'live',
  home: HOME,
  cwd: HOME,
  strategy: 'sma-cross',
  params: {},
  data: [],
  rates: undefined,
  instruments: ['EUR/USD', 'GBP/USD'],
  from: undefined,
  to: undefined,
  timeframe: '1m',
  format: undefined,
  timeLabel: undefined,
  timeZone: undefined,
  priceScale: undefined,
  capital: undefined,
  currency: undefined,
  costs: 'default',
  fill: 'next-open',
  intrabar: 'pessimistic',
  benchmark: undefined,
  seed: 1,
  out: undefined,
  equity: 'bar',
};

const NO_MARKET = { instruments: [] } as unknown as VenueMarket;

/** A person is asked before an entry leaves, and has less than a bar's time. */
const ASKING = ['approval.required=true', 'approval.timeout=45s'];

/** A week loses as it wins; here it is not to be stopped for it. */
const LOSING = ['risk.dailyLossBps=null', 'risk.weeklyLossBps=null', 'risk.drawdownHaltBps=null'];

const bases = new Map<string, Promise<Prepared>>();

/** What every session is prepared from: loaded once, since loading takes real time and no seed may depend on that. */
export function preparedBase({ asks = false, week = false }: Pick<WorldOptions, 'asks' | 'week'>): Promise<Prepared> {
  const key = `${asks} ${week}`;
  const known = bases.get(key);
  if (known !== undefined) return known;
  const sets = [...SETS, ...(asks ? ASKING : []), ...(week ? LOSING : [])];
  const settings = loadSettings({ home: '/nowhere', cwd: '/nowhere', env: {}, sets });
  const request = week ? { ...REQUEST, instruments: ['EUR/USD', 'USD/JPY'], timeframe: '1h' } : REQUEST;
  const made = prepare(request, settings, async () => NO_MARKET);
  bases.set(key, made);
  return made;
}

export function preparedFor(
  from: Prepared,
  seed: number | string,
  market: VenueMarket,
  begun: { readonly at: number; readonly capital: number },
): Prepared {
  const request = { ...from.request, capital: begun.capital, currency: 'USD', from: begun.at };
  return { ...from, request, definition: aStrategy(seed), params: {}, market, capital: begun.capital, currency: 'USD' };
}
