import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { RateSeries } from '../../core/model/market.js';

/** A published interest rate as `data pull` keeps it; of one period of a series there is a row for each time it changed. */
export interface PulledRate {
  readonly currency: string;
  readonly series: string;
  /** `2018-12` or `2018-12-31`. */
  readonly period: string;
  /** Percent a year, the vendor's digits. */
  readonly value: string;
  readonly knownAt: EpochMs;
}

const HEADER = 'currency,series,period,value_pct,known_at';

/** True for the text of a file that `data pull` made. */
export function isPulledRates(text: string): boolean {
  return text.startsWith(HEADER);
}

/** The rows as a csv, in the order given. */
export function pulledRatesText(rows: readonly PulledRate[]): string {
  const lines = rows.map(({ currency, series, period, value, knownAt }) =>
    [currency, series, period, value, new Date(knownAt).toISOString()].join(','),
  );
  return `${[HEADER, ...lines].join('\n')}\n`;
}

/** The rows of such a file; a line that is none is an error that names it. */
export function pulledRatesOf(text: string, path: string): readonly PulledRate[] {
  const rows: PulledRate[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (i === 0 || line === '') continue;
    const [currency = '', series = '', period = '', value = '', known = ''] = line.split(',');
    const knownAt = Date.parse(known);
    const good =
      /^[A-Z]{3}$/.test(currency) &&
      series !== '' &&
      /^\d{4}-\d{2}(-\d{2})?$/.test(period) &&
      value !== '' &&
      Math.abs(Number(value)) < 1e6 &&
      Number.isFinite(knownAt);
    if (!good) {
      throw new FxError('DATA.DAMAGED', {
        message: `${path}:${i + 1}: '${line.slice(0, 80)}' is no stored rate`,
        next: 'remove the file and pull it again: fxtrade data pull NAME',
        facts: { file: path, line: i + 1 },
      });
    }
    rows.push({ currency, series, period, value, knownAt });
  }
  return rows;
}

/**
 * What was known of each currency at each time: its newest period's value as last told. A revision of a period that was not
 * the newest any more changes nothing that anybody would have acted on.
 */
export function seriesOfPulled(rows: readonly PulledRate[]): readonly RateSeries[] {
  const byCurrency = new Map<string, PulledRate[]>();
  for (const row of rows) {
    const list = byCurrency.get(row.currency);
    if (list === undefined) byCurrency.set(row.currency, [row]);
    else list.push(row);
  }
  return [...byCurrency.keys()].sort().map((currency) => {
    const told = (byCurrency.get(currency) ?? []).sort(
      (a, b) => a.knownAt - b.knownAt || (a.period < b.period ? -1 : 1),
    );
    const times: number[] = [];
    const rates: number[] = [];
    let newest = '';
    for (const { period, value, knownAt } of told) {
      if (period < newest) continue;
      newest = period;
      if (times.at(-1) === knownAt) {
        times.pop();
        rates.pop();
      }
      times.push(knownAt);
      rates.push(Number(value) / 100);
    }
    return { currency, knownAt: Float64Array.from(times), rate: Float64Array.from(rates) };
  });
}
