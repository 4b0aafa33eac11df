import { expect, it } from 'vitest';
import { sandboxInstrument } from '../../../src/brokers/oanda/sandbox/instruments.js';
import { instrumentOf } from '../../../src/core/model/instruments.js';
import { liveInside } from '../../helpers/live-inside.js';

it('a question says what the broker itself would book a night, without a file of rates', async () => {
  const live = await liveInside();
  try {
    await live.once({ sets: ['approval.required=true'] });
    const asked = live.journal().find(({ type }) => type === 'ask')?.['request'] as Readonly<Record<string, unknown>>;
    const { longRate, shortRate } = sandboxInstrument(instrumentOf('EUR/USD', {}, 'USD'));
    const rate = asked['side'] === 'buy' ? longRate : shortRate;
    expect(rate).not.toBe(0);
    const value = Number(asked['units']) * Number(asked['referencePrice']);
    expect(asked['financingPerDay']).toBeCloseTo((-rate * value) / 365, 3);
  } finally {
    await live.close();
  }
});
