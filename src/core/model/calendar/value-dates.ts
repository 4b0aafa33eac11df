import type { EpochMs } from '../ids.js';
import type { CurrencyPair } from '../instrument.js';
import { type DayNumber, isWeekend, newYorkDay } from './calendar.js';
import { isHoliday } from './holidays.js';

/** Currencies whose pair with the dollar settles a day after the trade; every other pair settles after two. */
const NEXT_DAY_WITH_USD: ReadonlySet<string> = new Set(['CAD', 'TRY', 'PHP', 'RUB']);

/**
 * The spot value date of a trade done on `tradeDay` (New York date, which turns at 17:00).
 *
 * One or two days are counted that are business days of both currencies; a dollar holiday on the way counts as a day,
 * as the market has it, but the value date itself must be good in both currencies and in New York.
 * Currencies without a holiday table have weekends only.
 */
export function spotDate(pair: CurrencyPair, tradeDay: DayNumber): DayNumber {
  let left = settlementDays(pair);
  let day = tradeDay;
  while (left > 0) {
    day++;
    if (isBusinessDay(pair, day)) left--;
  }
  while (!isBusinessDay(pair, day) || isHoliday('USD', day)) day++;
  return day;
}

/**
 * Days of interest that the roll at a 17:00 New York counts: how far the spot value date moves when the trade date turns.
 *
 * Normally 1; 3 on the day whose spot date steps over the weekend (Wednesday, for T+1 pairs Thursday). Holidays move
 * days between rolls, so 0, 2, 4 and more occur. Over any span the sum is the calendar days between its two value dates.
 */
export function rollDays(pair: CurrencyPair, rollUtcMs: EpochMs): number {
  const day = newYorkDay(rollUtcMs);
  let next = day + 1;
  while (isWeekend(next)) next++;
  return spotDate(pair, next) - spotDate(pair, day);
}

function settlementDays({ base, quote }: CurrencyPair): 1 | 2 {
  if (base === 'USD') return NEXT_DAY_WITH_USD.has(quote) ? 1 : 2;
  return quote === 'USD' && NEXT_DAY_WITH_USD.has(base) ? 1 : 2;
}

function isBusinessDay({ base, quote }: CurrencyPair, day: DayNumber): boolean {
  return !isWeekend(day) && !isForeignHoliday(base, day) && !isForeignHoliday(quote, day);
}

function isForeignHoliday(currency: string, day: DayNumber): boolean {
  return currency !== 'USD' && isHoliday(currency, day);
}
