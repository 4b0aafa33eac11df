import { instrumentId } from '../../../src/core/model/ids.js';
import type { Instrument } from '../../../src/core/model/instrument.js';

export function anInstrument(change: Partial<Instrument> = {}): Instrument {
  return {
    id: instrumentId('EUR/USD'),
    assetClass: 'fx',
    base: 'EUR',
    quote: 'USD',
    tick: 0.00001,
    pip: 0.0001,
    lotStep: 1,
    minUnits: 1,
    marginRate: 0.0333,
    typicalSpread: 0.0001,
    hours: 'fx',
    ...change,
  };
}
