import { decimalsOf } from '../../../core/base/num.js';
import type { Instrument } from '../../../core/model/instrument.js';
import type { SandboxInstrument } from './message.js';

/** Spot FX settles two days after the trade, so Wednesday's roll charges the weekend. */
const WEDNESDAY_IS_THREE = [1, 1, 3, 1, 1, 0, 0] as const;

/** What the venue charges and allows, where an instrument does not say: a little against the client on both sides. */
const USUAL = {
  maximumOrderUnits: 100_000_000,
  minimumTradeSize: 1,
  longRate: -0.012,
  shortRate: -0.008,
  financingDays: WEDNESDAY_IS_THREE,
} as const;

/** The venue's entry for one of our instruments; `over` wins. */
export function sandboxInstrument(
  instrument: Pick<Instrument, 'base' | 'quote' | 'tick' | 'pip' | 'lotStep' | 'marginRate'>,
  over: Partial<SandboxInstrument> = {},
): SandboxInstrument {
  const { base, quote, tick, pip, lotStep, marginRate } = instrument;
  return {
    name: `${base}_${quote}`,
    base,
    quote,
    type: base === 'XAU' || base === 'XAG' ? 'METAL' : 'CURRENCY',
    pipLocation: pip >= 1 ? 0 : -decimalsOf(pip),
    displayPrecision: decimalsOf(tick),
    tradeUnitsPrecision: decimalsOf(lotStep),
    minimumTrailingStopDistance: pip * 5,
    maximumTrailingStopDistance: pip * 10_000,
    marginRate,
    ...USUAL,
    ...over,
  };
}
