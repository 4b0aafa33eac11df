import type { AccountState, Trade } from './state.js';
import { cents } from './text.js';

/** What an account is worth at the prices of now, account currency. */
export interface Valuation {
  readonly unrealized: number;
  readonly nav: number;
  readonly marginUsed: number;
  readonly marginFree: number;
  readonly positionValue: number;
  /** From 1 on the venue closes positions. */
  readonly closeoutPercent: number;
}

/** Profit of a trade if it were closed now; 0 while its price is unknown. */
export function unrealizedOf(account: AccountState, trade: Trade): number {
  const { market } = account.desk;
  const quote = market.quote(trade.instrument);
  const instrument = market.instruments.get(trade.instrument);
  if (quote === undefined || instrument === undefined) return 0;
  const raw = trade.units * ((trade.units > 0 ? quote.bid : quote.ask) - trade.price);
  const home = market.home(instrument.quote, account.spec.currency);
  const value = raw * (raw > 0 ? home.gain : home.loss);
  return Number.isFinite(value) ? cents(value) : 0;
}

/** Value of `units` at the mid, account currency, 0 or more; NaN while a price is unknown. */
export function worthOf(account: AccountState, name: string, units: number): number {
  const { market } = account.desk;
  const quote = market.instruments.get(name)?.quote ?? '';
  return Math.abs(units) * market.mid(name) * market.home(quote, account.spec.currency).mid;
}

/** Money that `units` of an instrument tie up; NaN while a price is unknown. */
export function marginOf(account: AccountState, name: string, units: number): number {
  const rate = Math.max(account.desk.market.instruments.get(name)?.marginRate ?? 1, account.marginRate);
  return cents(worthOf(account, name, units) * rate);
}

export function valuation(account: AccountState): Valuation {
  const nets = new Map<string, number>();
  let unrealized = 0;
  for (const trade of account.open.values()) {
    unrealized += unrealizedOf(account, trade);
    nets.set(trade.instrument, (nets.get(trade.instrument) ?? 0) + trade.units);
  }
  let marginUsed = 0;
  let positionValue = 0;
  for (const [name, units] of nets) {
    marginUsed += marginOf(account, name, units) || 0;
    positionValue += worthOf(account, name, units) || 0;
  }
  const nav = cents(account.balance + unrealized);
  return {
    unrealized: cents(unrealized),
    nav,
    marginUsed: cents(marginUsed),
    marginFree: cents(Math.max(0, nav - marginUsed)),
    positionValue: cents(positionValue),
    closeoutPercent: marginUsed === 0 ? 0 : nav <= 0 ? 1 : marginUsed / 2 / nav,
  };
}
