import { FxError } from '../../core/base/errors.js';
import type { InstrumentId } from '../../core/model/ids.js';
import { clientId } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import { instrumentOf } from '../../core/model/instruments.js';
import type { TimeInForce } from '../../core/model/order.js';
import type { VenueOrder, VenuePosition, VenueQuote } from '../../core/ports/venue.js';
import { modelName } from './names.js';
import type { WireInstrument, WireOrder, WirePosition, WirePrice, WireTrade } from './schema.js';

/** Ten to a whole power, exactly: 1e-5 as the number that is written so. */
const tenTo = (power: number): number => Number(`1e${power}`);

/** Our instrument with the venue's grid; spread, hours and group come from our own table. */
export function toInstrument(wire: WireInstrument): Instrument {
  const [base = wire.name, quote = ''] = wire.name.split('_');
  const grid = {
    tick: tenTo(-wire.displayPrecision),
    pip: tenTo(wire.pipLocation),
    lotStep: tenTo(-wire.tradeUnitsPrecision),
    minUnits: wire.minimumTradeSize,
    // Zero is no limit, as for the largest position.
    maxUnits: wire.maximumOrderUnits || undefined,
    marginRate: wire.marginRate,
    carry: wire.financing && { long: wire.financing.longRate, short: wire.financing.shortRate },
  };
  const id = modelName(wire.name);
  const pair = id.includes('/');
  return instrumentOf(id, pair ? grid : { ...grid, assetClass: 'other', base, quote }, quote);
}

/** Undefined for a price with one side only: it is no quote. */
export function toQuote(wire: WirePrice): VenueQuote | undefined {
  const [bid, ask] = [wire.bids[0]?.price, wire.asks[0]?.price];
  if (bid === undefined || ask === undefined) return undefined;
  const tradeable = wire.tradeable ?? wire.status === 'tradeable';
  return { kind: 'quote', instrument: modelName(wire.instrument), ts: wire.time, bid, ask, tradeable };
}

/** Undefined for a flat one. Long and short at once is a hedging account, which our books cannot hold. */
export function toPosition(wire: WirePosition): VenuePosition | undefined {
  const { long, short } = wire;
  if (long.units !== 0 && short.units !== 0) {
    throw new FxError('BROKER.HEDGING', {
      message: `${modelName(wire.instrument)} is held long (${long.units} units) and short (${short.units} units) at once`,
      next: 'use an account without hedging: fxtrade keeps one net position for each instrument',
      facts: { instrument: wire.instrument },
    });
  }
  const side = long.units === 0 ? short : long;
  if (side.units === 0) return undefined;
  if (side.averagePrice === undefined) {
    throw new FxError('BROKER.MALFORMED', {
      message: `OANDA names no average price for ${side.units} units of ${wire.instrument}`,
      next: 'try again; if it stays, look at the position at OANDA',
    });
  }
  return {
    instrument: modelName(wire.instrument),
    units: side.units,
    averagePrice: side.averagePrice,
    unrealizedPnl: side.unrealizedPL ?? 0,
  };
}

const TYPES: Readonly<Record<string, VenueOrder['type']>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP: 'stop',
  STOP_LOSS: 'stop',
  GUARANTEED_STOP_LOSS: 'stop',
  TRAILING_STOP_LOSS: 'trailing-stop',
  TAKE_PROFIT: 'take-profit',
};
const TIMES: Readonly<Record<string, TimeInForce>> = { GTC: 'GTC', GTD: 'GTD', GFD: 'DAY', IOC: 'IOC', FOK: 'FOK' };

/** An order that works. One that hangs on a trade has that trade's instrument and size; undefined when the trade is gone. */
export function toVenueOrder(wire: WireOrder, trades: ReadonlyMap<string, WireTrade>): VenueOrder | undefined {
  const trade = wire.tradeID === undefined ? undefined : trades.get(wire.tradeID);
  const instrument = wire.instrument ?? trade?.instrument;
  if (instrument === undefined) return undefined;
  const units = wire.units ?? (trade === undefined ? undefined : -trade.currentUnits);
  const bounded = wire.type === 'STOP' && wire.priceBound !== undefined;
  const type = bounded ? 'stop-limit' : (TYPES[wire.type] ?? 'other');
  return {
    venueId: wire.id,
    clientId: givenId(wire.clientExtensions?.id),
    instrument: modelName(instrument),
    ...sizeOf(units),
    // The venue fills an order once; what is left of it works on as another order.
    filledUnits: 0,
    type,
    ...pricesOf(wire, type),
    timeInForce: TIMES[wire.timeInForce ?? ''] ?? 'other',
    reduceOnly: wire.tradeID !== undefined || wire.positionFill === 'REDUCE_ONLY',
    createdAt: wire.createTime,
  };
}

const givenId = (id: string | undefined) => (id === undefined || id === '' ? undefined : clientId(id));

function sizeOf(units: number | undefined): Pick<VenueOrder, 'side' | 'units'> {
  if (units === undefined || units === 0) return { side: undefined, units: undefined };
  return { side: units > 0 ? 'buy' : 'sell', units: Math.abs(units) };
}

function pricesOf(
  wire: WireOrder,
  type: VenueOrder['type'],
): Pick<VenueOrder, 'price' | 'stopPrice' | 'trailDistance'> {
  const price = wire.price === undefined ? {} : { price: wire.price };
  const stopPrice = wire.price === undefined ? {} : { stopPrice: wire.price };
  switch (type) {
    case 'stop':
      return stopPrice;
    case 'stop-limit':
      return { ...stopPrice, ...(wire.priceBound === undefined ? {} : { price: wire.priceBound }) };
    case 'trailing-stop':
      return {
        ...(wire.trailingStopValue === undefined ? {} : { stopPrice: wire.trailingStopValue }),
        ...(wire.distance === undefined ? {} : { trailDistance: wire.distance }),
      };
    default:
      return price;
  }
}

/** The instruments by their id here. */
export function byId(wires: readonly WireInstrument[]): ReadonlyMap<InstrumentId, Instrument> {
  return new Map(wires.map(toInstrument).map((one) => [one.id, one]));
}
