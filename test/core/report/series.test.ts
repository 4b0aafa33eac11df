import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributionByYear,
  attributionSums,
  heatMap,
  histogram,
  largestExposures,
  periodsPerYearOf,
  rolling,
  wealthOf,
  worstDrawdowns,
} from '../../../src/core/report/series.js';
import { aRunRecord, carryLike } from '../../helpers/a-run-record.js';

const record = aRunRecord();

describe('the heat map', () => {
  it('has months that compound to the year and years that compound to the whole', () => {
    const years = heatMap(record.daily);
    for (const { months, total } of years) {
      expect(months.reduce<number>((growth, r) => growth * (1 + (r ?? 0)), 1) - 1).toBeCloseTo(total, 12);
    }
    const whole = years.reduce((growth, { total }) => growth * (1 + total), 1);
    expect(whole).toBeCloseTo(wealthOf(record.daily.return).at(-1) ?? 0, 10);
    expect(years).toHaveLength(20);
  });

  it('leaves a month without a day empty instead of zero', () => {
    const [year] = heatMap({ date: ['2024-02-01', '2024-02-02', '2024-04-01'], return: [0.1, 0.1, -0.5] });
    expect(year?.months.slice(0, 4)).toEqual([null, expect.closeTo(0.21, 12), null, -0.5]);
    expect(year?.total).toBeCloseTo(1.21 * 0.5 - 1, 12);
  });
});

describe('drawdowns', () => {
  it('count the start as a peak and name peak, trough and recovery', () => {
    const daily = {
      date: ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08', '2024-01-09'],
      return: [-0.1, 0.05, 0.2, -0.5, 0.1, 0.1],
    };
    expect(worstDrawdowns(daily, '2024-01-01', 5)).toEqual([
      { depth: 0.5, peak: '2024-01-04', trough: '2024-01-05', recovery: null, days: 5 },
      { depth: expect.closeTo(0.1, 12), peak: '2024-01-01', trough: '2024-01-02', recovery: '2024-01-04', days: 3 },
    ]);
  });

  it('lie between zero and one, deepest first, and never overlap', () => {
    const returns = fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(returns, (values) => {
        const date = values.map((_, i) => new Date(Date.UTC(2024, 0, 2 + i)).toISOString().slice(0, 10));
        const all = worstDrawdowns({ date, return: values }, '2024-01-01', 100);
        for (const [i, each] of all.entries()) {
          expect(each.depth).toBeGreaterThan(0);
          expect(each.depth).toBeLessThanOrEqual(1);
          expect(each.depth).toBeLessThanOrEqual(all[i - 1]?.depth ?? 1);
          expect(each.peak < each.trough).toBe(true);
        }
        const inTime = [...all].sort((a, b) => (a.peak < b.peak ? -1 : 1));
        for (const [i, each] of inTime.entries()) expect(each.peak >= (inTime[i - 1]?.recovery ?? '')).toBe(true);
      }),
    );
  });
});

describe('moving windows', () => {
  it('give the same volatility and Sharpe ratio as the whole when the window is the whole', () => {
    const short = { date: record.daily.date.slice(0, 300), return: record.daily.return.slice(0, 300) };
    const mean = short.return.reduce((a, b) => a + b) / 300;
    const sd = Math.sqrt(short.return.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 299);
    const { volatility, sharpe, date } = rolling(short, 300, 260);
    expect(date).toEqual([short.date[299]]);
    expect(volatility[0]).toBeCloseTo(sd * Math.sqrt(260), 12);
    expect(sharpe[0]).toBeCloseTo((mean / sd) * Math.sqrt(260), 10);
  });

  it('have no Sharpe ratio where nothing moves', () => {
    const { sharpe, volatility } = rolling({ date: ['2024-01-01', '2024-01-02'], return: [0.001, 0.001] }, 2, 252);
    expect(sharpe).toEqual([Number.NaN]);
    expect(volatility).toEqual([0]);
  });
});

describe('the histogram', () => {
  it('counts every day once and never puts gains and losses into one bar', () => {
    const shape = histogram(record.daily.return);
    expect(shape?.counts.reduce((a, b) => a + b)).toBe(record.daily.return.length);
    expect(((shape?.start ?? 1) / (shape?.step ?? 1)) % 1).toBeCloseTo(0, 9);
    const below = shape?.counts.reduce(
      (sum, c, i) => ((shape.start ?? 0) + (i + 0.5) * shape.step < 0 ? sum + c : sum),
      0,
    );
    expect(below).toBe(record.daily.return.filter((r) => r < 0).length);
  });

  it.each`
    given              | returns
    ${'too few days'}  | ${[0.1, 0.2]}
    ${'nothing moves'} | ${new Array(50).fill(0.001)}
  `('is absent when $given', ({ returns }) => {
    expect(histogram(returns)).toBeUndefined();
  });
});

describe('attribution', () => {
  it('adds up to what equity gained, by year and in running sums', () => {
    const years = attributionByYear(record.attribution);
    const sums = attributionSums(record.attribution);
    const gained = (record.curve.equity.at(-1) ?? 0) - record.run.capital;
    const total = years.reduce((sum, year) => sum + year.carry + year.spot - year.costs, 0);
    expect(total).toBeCloseTo(gained, 4);
    expect((sums.carry.at(-1) ?? 0) + (sums.spot.at(-1) ?? 0) - (sums.costs.at(-1) ?? 0)).toBeCloseTo(gained, 4);
    expect([sums.carry[0], sums.time.length]).toEqual([0, 241]);
    expect(new Date(sums.time[0] ?? 0).toISOString()).toBe('2004-01-01T00:00:00.000Z');
  });
});

describe('exposure', () => {
  it('shows the largest first and counts what it leaves out', () => {
    const exposure = { time: ['t'], currencies: { AUD: [0.1], USD: [-0.4], EUR: [0.3], CHF: [0] } };
    const { rows, leftOut } = largestExposures(exposure, 2);
    expect(rows.map((row) => row.name)).toEqual(['USD', 'EUR']);
    expect(leftOut).toBe(1);
  });
});

describe('days a year', () => {
  it('are those that the record was annualized with', () => {
    expect(periodsPerYearOf(record)).toBe(260);
    const stocks = {
      ...record,
      metrics: { ...record.metrics, annualVolatility: (record.metrics.annualVolatility ?? 0) * Math.sqrt(252 / 260) },
    };
    expect(periodsPerYearOf(stocks)).toBe(252);
  });

  it('follow the days and names where the record has no volatility', () => {
    const bare = carryLike('2024-01-01', '2024-03-01', 1);
    const metrics = { ...bare.metrics, annualVolatility: null };
    expect(periodsPerYearOf({ ...bare, metrics })).toBe(260);
    expect(periodsPerYearOf({ ...bare, metrics, run: { ...bare.run, instruments: ['AAPL'] } })).toBe(252);
    const daily = { date: ['2024-01-05', '2024-01-06', '2024-01-07'], return: [0, 0, 0] };
    expect(periodsPerYearOf({ ...bare, metrics, daily })).toBe(365);
  });
});
