import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { closeOfDate } from '../../../src/core/model/calendar/sessions.js';
import { openRates } from '../../../src/feeds/rates/open-rates.js';
import { parseRates } from '../../../src/feeds/rates/rate-file.js';

const parse = (text: string) => parseRates(text, { path: 'rates.csv', closeOfDate });
const iso = (ms: number | undefined): string => new Date(ms ?? Number.NaN).toISOString();
const MARKET = join(process.env['FXTRADE_SHARED'] ?? '../shared', 'data/market');
const absent = !existsSync(MARKET);
if (absent) console.log(`skipped: ${MARKET} is not here`);

describe('formats', () => {
  it.each`
    format        | text
    ${'our own'}  | ${'iso2,month,policy_rate_pct\nUS,2018-11,2.125\nXM,2018-11,0\nUS,2018-12,2.375\n'}
    ${'bis flat'} | ${'STRUCTURE,STRUCTURE_ID,ACTION,FREQ:Frequency,REF_AREA:Reference area,TIME_PERIOD:Time period or range,OBS_VALUE:Observation Value\nd,BIS,I,M: Monthly,"US: United States, the",2018-11,2.125\nd,BIS,I,M: Monthly,XM: Euro area,2018-11,0\nd,BIS,I,M: Monthly,US: United States,2018-12,2.375\n'}
    ${'bis wide'} | ${'FREQ,Frequency,REF_AREA,Reference area,Series,2018-11,2018-12\nM,Monthly,US,United States,M:US,2.125,2.375\nM,Monthly,XM,Euro area,M:XM,0,\nD,Daily,XM,Euro area,D:XM,9,9\n'}
  `('BIS $format: known at the close of the last weekday of its month', ({ text }) => {
    const { series, monthly, format } = parse(text);
    expect(format).toBe('bis');
    expect(series.map((one) => one.currency)).toEqual(['EUR', 'USD']);
    expect(monthly.get('USD')).toEqual([
      { month: '2018-11', knownAt: Date.parse('2018-11-30T22:00:00Z'), rate: 0.02125 },
      { month: '2018-12', knownAt: Date.parse('2018-12-31T22:00:00Z'), rate: 0.02375 },
    ]);
    expect(monthly.get('EUR')).toHaveLength(1);
  });

  it('a monthly average of FRED is known from the first day of the next month; a dot is missing', () => {
    const { series, notes } = parse(
      'observation_date,IR3TIB01NOM156N\n\n2020-03-01,1.2\n2020-04-01,.\n2020-05-01,0.3\n',
    );
    expect(series).toHaveLength(1);
    expect(series[0]?.currency).toBe('NOK');
    expect([...(series[0]?.knownAt ?? [])].map(iso)).toEqual(['2020-04-01T00:00:00.000Z', '2020-06-01T00:00:00.000Z']);
    expect(notes[1]).toContain('1 missing');
  });

  it('dated values are known at the close of their day', () => {
    const { series, monthly } = parse('DATE,DFF\n2020-03-02,1.58\n2020-03-03,1.59\n');
    expect([...(series[0]?.knownAt ?? [])].map(iso)).toEqual(['2020-03-02T22:00:00.000Z', '2020-03-03T22:00:00.000Z']);
    expect(monthly.size).toBe(0);
  });

  it('OECD: months only, the euro from 1999, its members before', () => {
    const head = '"LOCATION","INDICATOR","SUBJECT","MEASURE","FREQUENCY","TIME","Value","Flag Codes"\n';
    const row = (area: string, often: string, time: string, value: number) =>
      `"${area}","STINT","TOT","PC_PA","${often}","${time}",${value},\n`;
    const text =
      head +
      row('EA19', 'M', '1998-12', 3.3) +
      row('EA19', 'M', '1999-01', 3.1) +
      row('EA19', 'Q', '1999-Q1', 9) +
      row('DEU', 'M', '1998-12', 3.4) +
      row('DEU', 'M', '1999-01', 3.1);
    const { monthly } = parse(text);
    expect([...monthly].map(([currency, values]) => [currency, values.map((value) => value.month)])).toEqual([
      ['DEM', ['1998-12']],
      ['EUR', ['1999-01']],
    ]);
  });
});

describe('bad files', () => {
  it.each`
    text                                                          | code                | message
    ${''}                                                         | ${'DATA.EMPTY'}     | ${'the file is empty'}
    ${'iso2,month,policy_rate_pct\n'}                             | ${'DATA.EMPTY'}     | ${'has no rows of rates'}
    ${'time,open\n1,2\n'}                                         | ${'DATA.FORMAT'}    | ${'not recognised as a file of interest rates'}
    ${'iso2,month,policy_rate_pct\nUS,2018-13,1\n'}               | ${'DATA.TIME'}      | ${"rates.csv:2: column policy_rate_pct: '2018-13' is not a month"}
    ${'iso2,month,policy_rate_pct\nUS,2018-12,one\n'}             | ${'DATA.NUMBER'}    | ${"'one' is not a rate in percent"}
    ${'iso2,month,policy_rate_pct\nUS,2018-12,1\nUS,2018-12,2\n'} | ${'DATA.DUPLICATE'} | ${'USD has two rates for 2018-12, in lines 2 and 3'}
    ${'iso2,month,policy_rate_pct\nQQ,2018-12,1\n'}               | ${'DATA.SYMBOL'}    | ${'no currency is known for its series (QQ)'}
  `('$code: $message', ({ text, code, message }) => {
    const error = (() => {
      try {
        return parse(text);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(FxError);
    expect((error as FxError).code).toBe(code);
    expect((error as FxError).message).toContain(message);
  });
});

describe.skipIf(absent)('real files', () => {
  it('BIS to 2018: Japan has 123 of the 239 months since the euro', async () => {
    const { monthly, series } = await openRates([join(MARKET, 'rates/bis_cbpol_monthly_to_2018.csv.gz')], {
      closeOfDate,
    });
    const months = (currency: string) =>
      (monthly.get(currency) ?? []).filter(({ month }) => month >= '1999-01' && month < '2018-12');
    expect([months('JPY').length, months('USD').length, months('EUR').length]).toEqual([123, 239, 239]);
    expect(monthly.get('EUR')?.[0]).toMatchObject({ month: '1999-01', rate: 0.03 });
    expect(series.find((one) => one.currency === 'ZAR')?.rate.at(-1)).toBeCloseTo(0.0675, 12);
  });

  it.each`
    file                                                  | currency | count
    ${'rates/fred_ir3tib/IR3TIB01DEM156N.csv'}            | ${'EUR'} | ${273}
    ${'rates/fred_ir3tib/IR3TIB01GBM156N.csv'}            | ${'GBP'} | ${273}
    ${'rates/fred_ir3tib/IR3TIB01USM156N.csv'}            | ${'USD'} | ${272}
    ${'rates/fred_ir3tib/IR3TIB01NOM156N.csv'}            | ${'NOK'} | ${566}
    ${'rates/lean_us_primary_credit_rate.csv'}            | ${'USD'} | ${56}
    ${'rates/oecd_stint_short_term_rates_to_2020.csv.gz'} | ${'JPY'} | ${218}
  `('$file has $count values of $currency', async ({ file, currency, count }) => {
    const { series } = await openRates([join(MARKET, file)], { closeOfDate });
    expect(series.find((one) => one.currency === currency)?.rate).toHaveLength(count);
  });
});
