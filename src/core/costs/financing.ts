/**
 * Days of a year in each currency's money market, for simple interest by actual days: 365 where listed, else 360.
 * ISDA 2006 definitions, section 4.16 and the fixing conventions of the currencies' own benchmark rates: SONIA, BBSW, BKBM,
 * CORRA, JIBAR, HIBOR, SORA, WIBOR, TLREF, MIBOR, KOFR, THOR, KLIBOR and Telbor count 365 days; SOFR, €STR, TONA, SARON,
 * NOWA and NIBOR, STIBOR, CIBOR, PRIBOR, BUBOR, ROBOR and TIIE count 360.
 */
const YEAR_OF_365: ReadonlySet<string> = new Set(
  'GBP AUD NZD CAD ZAR HKD SGD PLN TRY INR KRW THB MYR ILS CNH CNY TWD RUB'.split(' '),
);

/** Days of the year that interest in this currency is counted by: 360 or 365. */
export function dayCountBasis(currency: string): 360 | 365 {
  return YEAR_OF_365.has(currency) ? 365 : 360;
}

/**
 * Interest a year that a position earns (positive) or pays (negative), as a fraction of its value, the day counts left
 * aside: base − quote for a long, quote − base for a short, and the broker's mark-up off both. Both can be negative.
 */
export function annualRateForSide(input: {
  readonly side: 'long' | 'short';
  readonly baseRate: number;
  readonly quoteRate: number;
  readonly markup: number;
}): number {
  const differential = input.baseRate - input.quoteRate;
  return (input.side === 'long' ? differential : -differential) - input.markup;
}

export interface FinancingInput {
  /** Signed units of base held over the roll. */
  readonly units: number;
  /** Mid at the roll, quote per base. */
  readonly price: number;
  /** Policy rates, fractions a year. */
  readonly baseRate: number;
  readonly quoteRate: number;
  /** Broker's mark-up, a fraction a year, always against the client. */
  readonly markup: number;
  /** Days that this roll counts: 1, 3 over a weekend, more over holidays. */
  readonly days: number;
  readonly base: string;
  readonly quote: string;
  /** Account currency per unit of quote. */
  readonly quoteToAccount: number;
}

/**
 * Financing of an FX position over one roll, account currency, positive when paid.
 *
 * A long owns base and owes quote: it earns the base rate and pays the quote rate, each on the position's value by its own
 * currency's year; a short the other way round. The mark-up is paid on the value by the quote currency's year.
 */
export function financingFor(input: FinancingInput): number {
  const { units, price, baseRate, quoteRate, markup, days } = input;
  const value = units * price * input.quoteToAccount;
  const paid = (quoteRate * days) / dayCountBasis(input.quote);
  const earned = (baseRate * days) / dayCountBasis(input.base);
  return value * (paid - earned) + Math.abs(value) * markup * (days / dayCountBasis(input.quote));
}

/**
 * Interest on a position by one rate, in quote currency, as a cash flow: positive is credited. The broker's own sum, where
 * it publishes the rate of each side: |units| × price × rate × days ÷ basis.
 */
export function financingCredit(input: {
  readonly units: number;
  readonly price: number;
  readonly annualRateForSide: number;
  readonly days: number;
  readonly basis: number;
}): number {
  return (Math.abs(input.units) * input.price * input.annualRateForSide * input.days) / input.basis;
}

/**
 * Fee for the borrowed paper of a short stock position, account currency, positive when paid; a long pays none (it is paid
 * for in full). Simple interest by actual days over 360, as US brokers charge. Coins held spot are financed by nobody: 0.
 */
export function borrowCost(input: {
  /** Signed. */
  readonly units: number;
  readonly price: number;
  /** Fraction a year. */
  readonly borrowRate: number;
  readonly days: number;
  readonly quoteToAccount: number;
}): number {
  const short = Math.max(0, -input.units);
  return (short * input.price * input.borrowRate * input.days * input.quoteToAccount) / 360;
}

export interface ForwardInput {
  readonly spot: number;
  readonly baseRate: number;
  readonly quoteRate: number;
  readonly days: number;
  readonly baseBasis: number;
  readonly quoteBasis: number;
  readonly pip: number;
}

/**
 * Forward by covered interest parity, simple rates: F = S·(1 + r_q·t_q) ÷ (1 + r_b·t_b). `points` are (F − S) in pips:
 * positive is a base at a premium, which a long pays. `annualCarryLong` is what a long earns a year of 365 days if the spot
 * stands still: (S/F − 1)·365/days.
 */
export function forwardByParity(input: ForwardInput): {
  readonly forward: number;
  readonly points: number;
  readonly annualCarryLong: number;
} {
  const { spot, days } = input;
  const quoteGrowth = 1 + (input.quoteRate * days) / input.quoteBasis;
  const baseGrowth = 1 + (input.baseRate * days) / input.baseBasis;
  const forward = (spot * quoteGrowth) / baseGrowth;
  return { forward, points: (forward - spot) / input.pip, annualCarryLong: ((spot / forward - 1) * 365) / days };
}
