import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/core/report/explain.js';
import { METRICS } from '../../../src/core/report/metric-rows.js';
import { aRunRecord, carryLike } from '../../helpers/a-run-record.js';

const record = aRunRecord();

describe('explaining a metric', () => {
  it('works for every metric that a run has', () => {
    expect(METRICS.map((info) => info.key).sort()).toEqual(Object.keys(record.metrics).sort());
  });

  it.each(METRICS.map((info) => info.key))('%s: formula, inputs, n, P and convention', (key) => {
    for (const each of [
      explain(record, key),
      explain({ ...carryLike('2024-01-01', '2024-01-02', 1), trades: [] }, key),
    ]) {
      expect(each.formula).not.toBe('');
      expect(each.convention).not.toBe('');
      expect(each.inputs.length).toBeGreaterThan(0);
      for (const { value } of each.inputs) expect(typeof value === 'number' ? Number.isFinite(value) : true).toBe(true);
      expect(JSON.stringify(each)).not.toMatch(/NaN|Infinity/);
    }
    const whole = explain(record, key);
    expect(whole.periodsPerYear).toBe(260);
    expect(whole.n).toBeGreaterThan(1_000);
    expect(whole.value === null).toBe(whole.reason !== null);
  });

  it('gives inputs that lead to the value', () => {
    const { inputs, value } = explain(record, 'sharpe');
    const [mean, sd, periods] = inputs.map((input) => Number(input.value));
    expect(((mean ?? 0) / (sd ?? 1)) * Math.sqrt(periods ?? 0)).toBeCloseTo(value ?? 0, 8);
  });

  it('takes names in any case and suggests the near one for a word that is none', () => {
    expect(explain(record, 'SHARPE').metric).toBe('sharpe');
    expect(() => explain(record, 'sharp')).toThrow(
      expect.objectContaining({
        code: 'USAGE.UNKNOWN_METRIC',
        next: expect.stringContaining('Did you mean "sharpe"?'),
      }),
    );
  });
});
