import { assert } from '../base/assert.js';
import { floorTo } from '../base/num.js';
import type { EpochMs, InstrumentId } from './ids.js';
import { toMinorUnit } from './money.js';
import type { Fill, Trade } from './order.js';
import { signOf } from './order.js';

/** What one instrument's position is made of. Signed units; amounts in account currency. */
interface Holding {
  units: number;
  averagePrice: number;
  entryTime: EpochMs;
  entryReason: string;
  /** Commission and financing paid since the position left zero and not yet given to a closed trade. */
  commission: number;
  financing: number;
  /** Loss at the first stop, for the units still open; NaN without a stop. */
  initialRisk: number;
}

const EMPTY: Holding = {
  units: 0,
  averagePrice: 0,
  entryTime: 0,
  entryReason: '',
  commission: 0,
  financing: 0,
  initialRisk: Number.NaN,
};

/** What of a fill closes a position. */
type Exit = Pick<Fill, 'instrument' | 'price' | 'ts' | 'reason' | 'realizedPnl'>;

/** What a fill did: the trade it closed, if any. */
export interface Booking {
  readonly trade: Trade | undefined;
  /** The position left zero or changed its sign. */
  readonly opened: boolean;
}

/**
 * Cash and positions of one account, booked to the cent: netting, sign flips, partial closes.
 * Equity is cash plus open profit; a purchase does not reduce cash, it ties up margin.
 */
export class Ledger {
  cash = 0;
  readonly #digits: number;
  readonly #ids: readonly InstrumentId[];
  readonly #holdings: Holding[];
  readonly #index: ReadonlyMap<InstrumentId, number>;
  /** Indexes of open positions, so that marking costs nothing for the rest. */
  #open: number[] = [];

  constructor(ids: readonly InstrumentId[], capital: number, minorUnitDigits: number) {
    this.#ids = ids;
    this.#index = new Map(ids.map((id, index) => [id, index]));
    this.#holdings = ids.map(() => ({ ...EMPTY }));
    this.#digits = minorUnitDigits;
    this.cash = toMinorUnit(capital, minorUnitDigits);
  }

  get openIndexes(): readonly number[] {
    return this.#open;
  }

  units(index: number): number {
    return this.#at(index).units;
  }

  averagePrice(index: number): number {
    return this.#at(index).averagePrice;
  }

  holding(index: number): Readonly<Holding> {
    return this.#at(index);
  }

  /** Open profit of one position at `price`, account currency, unrounded. */
  unrealizedPnl(index: number, price: number, quoteToAccount: number): number {
    const holding = this.#at(index);
    return holding.units === 0 ? 0 : holding.units * (price - holding.averagePrice) * quoteToAccount;
  }

  /** Books a fill at the exit's rate `quoteToAccount`. `initialRisk`: loss at the stop of the filled units, NaN without one. */
  applyFill(fill: Fill, quoteToAccount: number, initialRisk: number): Booking {
    assert(fill.units > 0 && Number.isFinite(fill.price), 'a fill has units and a price');
    assert(Number.isFinite(quoteToAccount), 'a fill is booked at a known conversion rate');
    const index = this.indexOf(fill.instrument);
    const holding = this.#at(index);
    const before = holding.units;
    this.cash = toMinorUnit(this.cash - fill.commission, this.#digits);
    if (fill.financing !== undefined && fill.financing !== 0) this.bookFinancing(index, fill.financing);
    const closing = before !== 0 && signOf(fill.side) !== Math.sign(before);
    const closed = closing ? Math.min(fill.units, Math.abs(before)) : 0;
    const exitCommission = toMinorUnit((fill.commission * closed) / fill.units, this.#digits);
    let trade: Trade | undefined;
    if (closed > 0) trade = this.#close(index, closed, fill, quoteToAccount, exitCommission);
    // Told out of its turn a fill may open here what closed there: the venue's word on money holds all the same.
    else if (fill.realizedPnl !== undefined) this.cash = toMinorUnit(this.cash + fill.realizedPnl, this.#digits);
    const opening = fill.units - closed;
    if (opening > 0) this.#grow(index, opening, fill, fill.commission - exitCommission, initialRisk);
    this.#noteOpen(index);
    const after = this.units(index);
    return { trade, opened: after !== 0 && Math.sign(after) !== Math.sign(before) };
  }

  /** Interest or a dividend: positive when paid. */
  bookFinancing(index: number, cost: number): void {
    const booked = toMinorUnit(cost, this.#digits);
    this.cash = toMinorUnit(this.cash - booked, this.#digits);
    this.#at(index).financing += booked;
  }

  /** Money that came in (positive) or went out, by no trade. */
  transfer(amount: number): void {
    this.cash = toMinorUnit(this.cash + amount, this.#digits);
  }

  /** Takes over what a venue holds, because a person said so: what was held here before ends without a trade. */
  adopt(
    index: number,
    position: { readonly units: number; readonly averagePrice: number; readonly ts: EpochMs },
  ): void {
    const { units, averagePrice, ts } = position;
    assert(units === 0 || (Number.isFinite(units) && averagePrice > 0), 'what is adopted has units and a price');
    const taken = units === 0 ? {} : { units, averagePrice, entryTime: ts, entryReason: 'adopted from the venue' };
    Object.assign(this.#at(index), EMPTY, taken);
    this.#noteOpen(index);
  }

  /** New units for old; a fraction of a lot is paid out at `price`: the trade that it closes, if any. */
  applySplit(
    index: number,
    split: {
      readonly ts: EpochMs;
      readonly ratio: number;
      readonly lotStep: number;
      readonly price: number;
      readonly quoteToAccount: number;
    },
  ): Trade | undefined {
    const { ts, ratio, lotStep, price, quoteToAccount } = split;
    const holding = this.#at(index);
    if (holding.units === 0) return undefined;
    const exact = holding.units * ratio;
    const whole = floorTo(exact, lotStep);
    holding.averagePrice /= ratio;
    holding.units = exact;
    const rest = Math.abs(exact - whole);
    const instrument = this.#ids[index];
    assert(instrument !== undefined, 'an open position has an instrument');
    const exit = { instrument, price, ts, reason: 'fraction of a split' };
    // Without this a position that a split makes smaller than a lot would leave its costs to the next one.
    const trade = rest > 1e-9 * lotStep ? this.#close(index, rest, exit, quoteToAccount, 0) : undefined;
    if (holding.units !== 0) holding.units = whole;
    this.#noteOpen(index);
    return trade;
  }

  indexOf(id: InstrumentId): number {
    const index = this.#index.get(id);
    assert(index !== undefined, `the ledger knows the instrument, was ${id}`);
    return index;
  }

  save(): unknown {
    return {
      cash: this.cash,
      holdings: this.#holdings.map((holding) => ({
        ...holding,
        initialRisk: Number.isNaN(holding.initialRisk) ? null : holding.initialRisk,
      })),
      open: this.#open,
    };
  }

  load(state: unknown): void {
    const saved = state as { cash: number; holdings: (Holding & { initialRisk: number | null })[]; open: number[] };
    this.cash = saved.cash;
    this.#open = [...saved.open];
    saved.holdings.forEach((holding, index) => {
      this.#holdings[index] = { ...holding, initialRisk: holding.initialRisk ?? Number.NaN };
    });
  }

  #at(index: number): Holding {
    const holding = this.#holdings[index];
    assert(holding !== undefined, 'an instrument index is inside the ledger');
    return holding;
  }

  #grow(index: number, units: number, fill: Fill, commission: number, risk: number): void {
    const holding = this.#at(index);
    const before = Math.abs(holding.units);
    if (before === 0) {
      holding.entryTime = fill.ts;
      holding.entryReason = fill.reason;
      holding.averagePrice = fill.price;
      holding.initialRisk = risk;
    } else {
      holding.averagePrice = (holding.averagePrice * before + fill.price * units) / (before + units);
      holding.initialRisk += risk;
    }
    holding.units = cleanUnits(holding.units + signOf(fill.side) * units);
    holding.commission += commission;
  }

  #close(index: number, units: number, fill: Exit, rate: number, exitCommission: number): Trade {
    const holding = this.#at(index);
    const sign = Math.sign(holding.units);
    const share = units / Math.abs(holding.units);
    const whole = share >= 1 - 1e-12;
    const exact = fill.realizedPnl ?? (fill.price - holding.averagePrice) * units * sign * rate;
    const gross = toMinorUnit(exact, this.#digits);
    const entryCommission = whole ? holding.commission : toMinorUnit(holding.commission * share, this.#digits);
    const financing = toMinorUnit(whole ? holding.financing : holding.financing * share, this.#digits);
    const commission = toMinorUnit(entryCommission + exitCommission, this.#digits);
    const risk = holding.initialRisk * share;
    this.cash = toMinorUnit(this.cash + gross, this.#digits);
    const trade: Trade = {
      instrument: fill.instrument,
      side: sign > 0 ? 'long' : 'short',
      units,
      entryTime: holding.entryTime,
      entryPrice: holding.averagePrice,
      exitTime: fill.ts,
      exitPrice: fill.price,
      grossPnl: gross,
      commission,
      financing,
      netPnl: toMinorUnit(gross - commission - financing, this.#digits),
      initialRisk: Number.isNaN(risk) ? undefined : risk,
      entryReason: holding.entryReason,
      exitReason: fill.reason,
    };
    if (whole) {
      empty(holding);
    } else {
      holding.units = cleanUnits(holding.units - sign * units);
      holding.commission -= entryCommission;
      holding.financing -= financing;
      holding.initialRisk -= risk;
    }
    return trade;
  }

  #noteOpen(index: number): void {
    const isOpen = this.#at(index).units !== 0;
    const position = this.#open.indexOf(index);
    if (isOpen && position < 0) this.#open = withIndex(this.#open, index);
    else if (!isOpen && position >= 0) this.#open = this.#open.filter((one) => one !== index);
  }

  /** The ids this ledger was made for, in index order. */
  get ids(): readonly InstrumentId[] {
    return this.#ids;
  }
}

/** Field by field: copying `EMPTY` as a whole is ten times as slow, and every round trip ends here. */
function empty(holding: Holding): void {
  holding.units = EMPTY.units;
  holding.averagePrice = EMPTY.averagePrice;
  holding.entryTime = EMPTY.entryTime;
  holding.entryReason = EMPTY.entryReason;
  holding.commission = EMPTY.commission;
  holding.financing = EMPTY.financing;
  holding.initialRisk = EMPTY.initialRisk;
}

/** Ascending. */
function withIndex(open: readonly number[], index: number): number[] {
  return open.length === 0 ? [index] : [...open, index].sort((a, b) => a - b);
}

/** Sums of lots like 0.1 + 0.2 stay on the grid that they came from: twelve significant decimals are kept. */
function cleanUnits(units: number): number {
  const cleaned = Math.round(units * 1e9) / 1e9;
  return Math.abs(units) < 1e6 ? cleaned + 0 : units;
}
