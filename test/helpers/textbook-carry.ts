/** Month (`2008-10`) to the return of that month, a fraction. */
export type MonthlyReturns = ReadonlyMap<string, number>;

export interface TextbookInput {
  /** Date to currency to its price in the numeraire, a unit's worth. */
  readonly prices: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Currency to month to its yearly rate, a fraction; a missing month keeps the last known one. */
  readonly rates: Readonly<Record<string, ReadonlyMap<string, number>>>;
  readonly numeraire: string;
  readonly currencies: readonly string[];
  readonly legs: number;
  /** Dates; decisions from the first (included) to the second (excluded). */
  readonly from?: string;
  readonly to?: string;
}

/**
 * The textbook carry trade, by the month and by the rule alone: at each month's last price the `legs` highest rates are
 * bought and the `legs` lowest sold, a `legs`-th of equity each; a month earns spot and a twelfth of the differential.
 */
export function textbookCarry(input: TextbookInput): MonthlyReturns {
  const { prices, rates, numeraire, currencies, legs, from = '0000', to = '9999' } = input;
  const lastDay = new Map<string, string>();
  for (const date of [...prices.keys()].sort()) if (date < to) lastDay.set(date.slice(0, 7), date);
  const months = [...lastDay.keys()].filter((month) => (lastDay.get(month) ?? '') >= from);
  const rateAt = (currency: string, month: string) => {
    const known = [...(rates[currency]?.keys() ?? [])].filter((key) => key <= month).sort();
    return rates[currency]?.get(known.at(-1) ?? '');
  };
  const returns = new Map<string, number>();
  months.slice(1).forEach((month, place) => {
    const before = months[place] as string;
    const price = (at: string, currency: string) => prices.get(lastDay.get(at) ?? '')?.[currency] ?? Number.NaN;
    const ranked = currencies.flatMap((code) => {
      const rate = rateAt(code, before);
      return rate === undefined ? [] : [{ code, rate }];
    });
    const order = (sign: 1 | -1) =>
      [...ranked].sort((a, b) => sign * (a.rate - b.rate) || (a.code < b.code ? -1 : 1)).slice(0, legs);
    const own = rateAt(numeraire, before) ?? Number.NaN;
    const earned = (leg: { code: string; rate: number }) =>
      (price(month, leg.code) / price(before, leg.code) - 1 + (leg.rate - own) / 12) / legs;
    const side = (list: readonly { code: string; rate: number }[]) => list.reduce((sum, leg) => sum + earned(leg), 0);
    returns.set(month, side(order(-1)) - side(order(1)));
  });
  return returns;
}

/** Month returns from the last row of each month of an `equity.csv`, the month being that of the instant before. */
export function monthlyReturnsOf(equityCsv: string): MonthlyReturns {
  const last = new Map<string, number>();
  for (const line of equityCsv.trim().split('\n').slice(1)) {
    const [time = '', equity = ''] = line.split(',');
    last.set(new Date(Date.parse(time) - 1).toISOString().slice(0, 7), Number(equity));
  }
  const months = [...last.keys()];
  return new Map(months.slice(1).map((month, i) => [month, at(last, month) / at(last, months[i] as string) - 1]));
}

export interface MonthlyFigures {
  readonly months: number;
  /** Percent a year. */
  readonly mean: number;
  readonly volatility: number;
  readonly sharpe: number;
  /** Percent, of month-end values. */
  readonly maxDrawdown: number;
  readonly worst: readonly [month: string, percent: number];
}

export function monthlyFigures(returns: MonthlyReturns): MonthlyFigures {
  const values = [...returns.values()];
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
  let equity = 1;
  let peak = 1;
  let maxDrawdown = 0;
  for (const value of values) {
    equity *= 1 + value;
    peak = Math.max(peak, equity);
    maxDrawdown = Math.max(maxDrawdown, 1 - equity / peak);
  }
  const [month, worst] = [...returns].reduce((least, entry) => (entry[1] < least[1] ? entry : least));
  return {
    months: values.length,
    mean: 1200 * mean,
    volatility: 100 * Math.sqrt(12) * sd,
    sharpe: (Math.sqrt(12) * mean) / sd,
    maxDrawdown: 100 * maxDrawdown,
    worst: [month, 100 * worst],
  };
}

/** Prices in dollars and rates, read from files of the ECB's and the BIS's formats. */
export function readTextbookFiles(ecb: string, bis: string): Pick<TextbookInput, 'prices' | 'rates'> {
  const [head = '', ...lines] = ecb.trim().split('\n');
  const names = head.split(',');
  const prices = new Map<string, Record<string, number>>();
  for (const line of lines) {
    const cells = line.split(',');
    const dollar = Number(cells[names.indexOf('USD')]);
    const row: Record<string, number> = { EUR: dollar };
    for (const [place, name] of names.entries())
      if (place > 0 && name !== '') row[name] = dollar / Number(cells[place]);
    prices.set(cells[0] ?? '', row);
  }
  const rates: Record<string, Map<string, number>> = {};
  for (const line of bis.trim().split('\n').slice(1)) {
    const [iso = '', month = '', percent = ''] = line.split(',');
    const currency = COUNTRIES[iso];
    if (currency === undefined || percent === '' || percent === 'NaN') continue;
    rates[currency] ??= new Map();
    rates[currency].set(month, Number(percent) / 100);
  }
  return { prices, rates };
}

const COUNTRIES: Readonly<Record<string, string>> = {
  US: 'USD',
  AU: 'AUD',
  CA: 'CAD',
  CH: 'CHF',
  XM: 'EUR',
  GB: 'GBP',
  JP: 'JPY',
  NO: 'NOK',
  NZ: 'NZD',
  SE: 'SEK',
};

function at(map: ReadonlyMap<string, number>, key: string): number {
  return map.get(key) ?? Number.NaN;
}
