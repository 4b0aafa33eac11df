import { z } from 'zod';
import { FxError } from '../../core/base/errors.js';
import { closeOfDate } from '../../core/model/calendar/sessions.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Observation, SeriesFeed } from '../../core/ports/price-feed.js';
import { DECIMAL, dateOf, MISSING } from '../network/table.js';
import type { AlphaVantageClient } from './client.js';

const DAY = 86_400_000;
const MATURITIES = ['3MONTH', '2YEAR', '5YEAR', '7YEAR', '10YEAR', '30YEAR'];

export const economicSchema = z.looseObject({
  name: z.string(),
  interval: z.string(),
  unit: z.string(),
  data: z.array(z.looseObject({ date: z.string(), value: z.string() })),
});

/** Interest rates of the dollar: `FEDERAL_FUNDS_RATE`, `TREASURY_YIELD_2YEAR` and the like; days, published the day after. */
export function alphaVantageRates(
  client: AlphaVantageClient,
  series: readonly string[] = ['FEDERAL_FUNDS_RATE'],
): SeriesFeed {
  return {
    name: 'alphavantage',
    series,
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async read(name, from, to) {
      const answer = await client.query(fieldsOf(name), economicSchema, `series ${name}`);
      if (answer.unit !== 'percent')
        throw client.malformed(`series ${name}`, `its unit is ${answer.unit.slice(0, 40)}`);
      return observationsOf(answer.data, (why) => client.malformed(`series ${name}`, why)).filter(
        ({ period }) => (from ?? '') <= period && (to === undefined || period < to),
      );
    },
    currencyOf: () => 'USD',
    knownBy: (_series, period) => nextWeekdayClose(Date.parse(period)),
    close: () => undefined,
  };
}

/** Oldest first; `.` is a missing value. */
export function observationsOf(
  data: readonly { readonly date: string; readonly value: string }[],
  malformed: (why: string) => Error,
): readonly Observation[] {
  const found = data.flatMap(({ date, value }) => {
    if (dateOf(date) !== date) throw malformed(`'${date.slice(0, 20)}' is no date`);
    if (MISSING.test(value)) return [];
    if (!DECIMAL.test(value)) throw malformed(`'${value.slice(0, 20)}' of ${date} is no number`);
    return [{ period: date, value }];
  });
  return found.sort((a, b) => (a.period < b.period ? -1 : 1));
}

function fieldsOf(series: string): Readonly<Record<string, string>> {
  if (series === 'FEDERAL_FUNDS_RATE') return { function: series, interval: 'daily' };
  const maturity = series.replace(/^TREASURY_YIELD_/, '');
  if (series.startsWith('TREASURY_YIELD_') && MATURITIES.includes(maturity)) {
    return { function: 'TREASURY_YIELD', interval: 'daily', maturity: maturity.toLowerCase() };
  }
  throw new FxError('USAGE.BAD_VALUE', {
    message: `Alpha Vantage has no series ${JSON.stringify(series)}`,
    next: `choose FEDERAL_FUNDS_RATE or one of TREASURY_YIELD_${MATURITIES.join(', TREASURY_YIELD_')}`,
    facts: { series },
  });
}

function nextWeekdayClose(date: EpochMs): EpochMs {
  let next = date + DAY;
  while (new Date(next).getUTCDay() % 6 === 0) next += DAY;
  return closeOfDate(next, 'fx');
}
