import { financingCredit, forwardByParity } from '../../src/core/costs/financing.js';
import { DAY_MS, HOUR_MS, isWeekend, newYorkTime } from '../../src/core/model/calendar/calendar.js';
import { rollDays } from '../../src/core/model/calendar/value-dates.js';
import { conversionPath, convertRate, marginRequired, pipValue, realizedPnl } from '../../src/core/model/conversion.js';
import { type Handler, type Inputs, numberAt } from './handler.js';

/** The vectors' words for a path: `direct`, `inverse`, `via USD`, else its legs joined. */
function pathInWords(legs: readonly { inverse: boolean }[], middle: string | undefined): string {
  if (legs.length === 2 && legs.every((leg) => !leg.inverse)) return `via ${middle}`;
  return legs.map((leg) => (leg.inverse ? 'inverse' : 'direct')).join('+');
}

function convert(inputs: Inputs): unknown {
  const rates = Object.entries(inputs['rates'] as Record<string, string>);
  const pairs = rates.map(([name]) => {
    const [base = '', quote = ''] = name.split('_');
    return { base, quote };
  });
  if (numberAt(inputs, 'ageSeconds') > numberAt(inputs, 'maxAgeSeconds')) return { error: 'STALE_CONVERSION_RATE' };
  const path = conversionPath(String(inputs['from_']), String(inputs['to']), pairs);
  if (path === undefined) return { error: 'NO_CONVERSION_PATH' };
  const rate = convertRate(
    path,
    Float64Array.from(rates, ([, price]) => Number(price)),
  );
  return {
    rate,
    amount: rate * numberAt(inputs, 'amount'),
    path: pathInWords(path, pairs[path[0]?.index ?? 0]?.quote),
  };
}

/** Days of interest from one date to another, each counted before its 17:00 in New York. */
function swapDays(inputs: Inputs): number {
  const pair = inputs['tripleDay'] === 'Thursday' ? { base: 'USD', quote: 'CAD' } : { base: 'EUR', quote: 'USD' };
  const dayOf = (key: string) => Math.round(Date.parse(String(inputs[key])) / DAY_MS);
  let days = 0;
  for (let day = dayOf('openDate'); day < dayOf('closeDate'); day++) {
    if (!isWeekend(day)) days += rollDays(pair, newYorkTime(day, 17 * HOUR_MS));
  }
  return days;
}

export const handlers: Readonly<Record<string, Handler>> = {
  pip_value: (inputs) => {
    const [units, pip] = [numberAt(inputs, 'units'), numberAt(inputs, 'pip')];
    return { quote: pipValue(units, pip, 1), account: pipValue(units, pip, numberAt(inputs, 'quoteToAccount')) };
  },
  pnl_conversion: (inputs) => {
    const [entry, exit] = [numberAt(inputs, 'entry'), numberAt(inputs, 'exit')];
    const quoteToAccountAtExit = numberAt(inputs, 'quoteToAccountAtExit');
    const { quote, account, booked } = realizedPnl({
      units: numberAt(inputs, 'units'),
      entry,
      exit,
      quoteToAccountAtExit,
    });
    const pip = /(JPY|HUF)$/.test(String(inputs['instrument'])) ? 0.01 : 0.0001;
    const direction = Math.sign(numberAt(inputs, 'units'));
    return {
      quotePnl: quote,
      accountPnl: account,
      accountPnlRounded2: booked,
      pips: (direction * (exit - entry)) / pip,
    };
  },
  currency_conversion: convert,
  forward_cip: (inputs) =>
    forwardByParity({
      spot: numberAt(inputs, 'spot'),
      baseRate: numberAt(inputs, 'baseRate'),
      quoteRate: numberAt(inputs, 'quoteRate'),
      days: numberAt(inputs, 'days'),
      baseBasis: numberAt(inputs, 'baseBasis'),
      quoteBasis: numberAt(inputs, 'quoteBasis'),
      pip: numberAt(inputs, 'pip'),
    }),
  swap_days: swapDays,
  financing: (inputs) => {
    const quote = financingCredit({
      units: numberAt(inputs, 'units'),
      price: numberAt(inputs, 'price'),
      annualRateForSide: numberAt(inputs, 'annualRateForSide'),
      days: numberAt(inputs, 'days'),
      basis: numberAt(inputs, 'basis'),
    });
    return { quote, account: quote * numberAt(inputs, 'quoteToAccount') };
  },
  margin_required: (inputs) =>
    marginRequired({
      units: numberAt(inputs, 'units'),
      price: numberAt(inputs, 'price'),
      marginRate: numberAt(inputs, 'marginRate'),
      quoteToAccount: numberAt(inputs, 'quoteToAccount'),
    }),
};
