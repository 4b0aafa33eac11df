import { describe, expect, it } from 'vitest';
import { lastPeriod } from '../../../src/core/report/recompute.js';
import { aRunRecord, carryLike } from '../../helpers/a-run-record.js';

const record = aRunRecord();

describe('the last period of a run', () => {
  it.each`
    name       | rows  | first           | from
    ${'day'}   | ${1}  | ${'2023-12-29'} | ${'2023-12-29T00:00:00.000Z'}
    ${'week'}  | ${5}  | ${'2023-12-25'} | ${'2023-12-23T00:00:00.000Z'}
    ${'month'} | ${22} | ${'2023-11-30'} | ${'2023-11-30T00:00:00.000Z'}
  `('$name has $rows rows from $first', ({ name, rows, first, from }) => {
    const slice = lastPeriod(record, name);
    expect([slice.daily.date.length, slice.daily.date[0], slice.period.from]).toEqual([rows, first, from]);
    expect(slice.daily.date.at(-1)).toBe('2023-12-29');
    const growth = slice.daily.return.reduce((wealth, r) => wealth * (1 + r), 1);
    expect(slice.metrics.totalReturn).toBeCloseTo(growth - 1, 12);
    expect(slice.trades.every((trade) => trade.exitTime > from)).toBe(true);
    expect(slice.curve.equity[0]).toBe(slice.run.capital);
    expect(JSON.stringify(slice)).not.toMatch(/NaN|Infinity/);
  });

  it('says what stays that of the whole run, and why a number is not there', () => {
    const slice = lastPeriod(record, 'week');
    expect(slice.costs).toEqual(record.costs);
    expect(slice.warnings.at(-1)).toContain('costs, counts, exposure and refusals are of the whole run');
    expect(slice.metrics.turnover).toBeNull();
    expect(slice.reasons['metrics.turnover']).toBe('NOT_KEPT');
    expect(slice.metrics.var95Day).toBeNull();
  });

  it('measures drawdown from the start of the period', () => {
    const slice = lastPeriod(record, 'month');
    let [wealth, peak, worst] = [1, 1, 0];
    for (const r of slice.daily.return) {
      wealth *= 1 + r;
      peak = Math.max(peak, wealth);
      worst = Math.max(worst, 1 - wealth / peak);
    }
    expect(slice.metrics.maxDrawdown).toBeCloseTo(worst, 12);
  });

  it('cuts the benchmark to the same days', () => {
    const slice = lastPeriod(record, 'month');
    expect(slice.benchmark?.date).toEqual(slice.daily.date);
    expect(slice.benchmark?.beta).not.toBe(record.benchmark?.beta);
  });

  it('goes back to the last day of a shorter month, not into the month after it', () => {
    const march = carryLike('2023-01-02', '2023-03-31', 1);
    expect(lastPeriod(march, 'month').daily.date[0]).toBe('2023-03-01');
  });

  it('is the whole run for all, and for a run without a day', () => {
    expect(lastPeriod(record, 'all')).toBe(record);
    const empty = { ...record, daily: { date: [], return: [] } };
    expect(lastPeriod(empty, 'day')).toBe(empty);
  });

  it('has no trade statistics where older trades of the period were not kept', () => {
    const trades = record.trades.slice(-3);
    const slice = lastPeriod({ ...record, trades }, 'month');
    expect(slice.metrics.winRate).toBeNull();
    expect(slice.reasons['metrics.winRate']).toBe('NOT_KEPT');
  });
});
