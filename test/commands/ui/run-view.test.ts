import { describe, expect, it } from 'vitest';
import { type Comparison, drawRun } from '../../../src/commands/ui/run-view.js';
import { aRunRecord } from '../../helpers/a-run-record.js';
import { recordingTerminal } from '../../helpers/recording-terminal.js';

function shown(changes: Parameters<typeof aRunRecord>[0] = {}, rows?: Comparison['rows']): string {
  const terminal = recordingTerminal();
  drawRun(aRunRecord(changes), terminal, {
    env: { LANG: 'en_US.UTF-8' },
    ...(rows ? { comparison: { name: 'quantstats', rows } } : {}),
  });
  return terminal.stdout();
}

const QUANTSTATS: Comparison['rows'] = [
  { metric: 'ulcer', value: 0.034361, ours: 0.034357, definition: 'divided by n − 1' },
  {
    metric: 'kelly',
    value: null,
    ours: null,
    definition: 'p − (1 − p) ÷ payoff, each day taken for a trade (NO_LOSSES)',
  },
];

describe('the view of a run', () => {
  it('reads as it did before', async () => {
    await expect(shown()).toMatchFileSnapshot('../../golden/run-view.txt');
  });

  it('fits 100 columns, with a comparison and long names too', () => {
    const long = 'a very long text without end '.repeat(3);
    for (const text of [shown(), shown({}, QUANTSTATS)]) {
      for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    }
    expect(shown({ reasons: { 'metrics.sqn': long } })).not.toMatch(/NaN|undefined/);
  });

  it('says simulated, paper and why a number is missing', () => {
    expect(shown()).toContain('SIMULATED PRICES');
    expect(shown({ mode: 'paper' })).toContain('PAPER');
    expect(shown()).toMatch(/System quality number\s+–\s+no trade had a stop \(NO_STOPS\)/);
  });

  it('puts the numbers of another convention beside ours', () => {
    expect(shown({}, QUANTSTATS)).toMatch(/ulcer\s+0\.034361\s+0\.034357\s+divided by n − 1/);
  });
});
