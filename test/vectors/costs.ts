import { notionalCommission, shareCommission } from '../../src/core/costs/commission.js';
import { almgren2005, almgrenChriss, squareRootImpact } from '../../src/core/costs/impact.js';
import { halfSpreadCost, timeOfDaySpread } from '../../src/core/costs/spread.js';
import { type Handler, numberAt } from './handler.js';

export const handlers: Readonly<Record<string, Handler>> = {
  half_spread_cost: (inputs) => {
    const { quote, bps } = halfSpreadCost({
      bid: numberAt(inputs, 'bid'),
      ask: numberAt(inputs, 'ask'),
      units: numberAt(inputs, 'units'),
    });
    return { costQuote: quote, bps };
  },
  commission_tier: (inputs) => {
    const tiers = (inputs['tiers'] as [number, string][]).map(([from, rate]) => [from, Number(rate)] as const);
    const model = { tiers, minPerOrder: numberAt(inputs, 'minPerOrder') };
    return notionalCommission(numberAt(inputs, 'notionalAccount'), numberAt(inputs, 'monthlyVolume'), model);
  },
  commission_per_share: (inputs) =>
    shareCommission(numberAt(inputs, 'shares'), numberAt(inputs, 'price'), {
      perShare: numberAt(inputs, 'perShare'),
      minPerOrder: numberAt(inputs, 'min'),
      maxFraction: numberAt(inputs, 'maxPct'),
    }),
  sqrt_impact: (inputs) => {
    const quantity = numberAt(inputs, 'quantity');
    const price = numberAt(inputs, 'price');
    const fraction = squareRootImpact(
      numberAt(inputs, 'Y'),
      numberAt(inputs, 'sigmaDaily'),
      quantity,
      numberAt(inputs, 'adv'),
    );
    const costPerUnit = fraction * price;
    return { fraction, bps: fraction * 10_000, costPerUnit, total: costPerUnit * Math.abs(quantity) };
  },
  almgren_2005_impact: (inputs) => {
    const { permanent, temporary, cost } = almgren2005({
      quantity: numberAt(inputs, 'X'),
      volume: numberAt(inputs, 'V'),
      days: numberAt(inputs, 'T'),
      sigma: numberAt(inputs, 'sigma'),
      sharesOutstanding: numberAt(inputs, 'sharesOutstanding'),
    });
    return { permanent, temporary, costFraction: cost };
  },
  almgren_chriss: (inputs) =>
    almgrenChriss({
      quantity: numberAt(inputs, 'X'),
      time: numberAt(inputs, 'T'),
      intervals: numberAt(inputs, 'N'),
      sigma: numberAt(inputs, 'sigma'),
      eta: numberAt(inputs, 'eta'),
      gamma: numberAt(inputs, 'gamma'),
      lambda: numberAt(inputs, 'lambda_'),
      epsilon: numberAt(inputs, 'epsilon'),
    }),
  time_of_day_spread: (inputs) =>
    timeOfDaySpread(
      numberAt(inputs, 'baseSpreadPips'),
      numberAt(inputs, 'hourUtc'),
      new Map(inputs['profile'] as [number, number][]),
      numberAt(inputs, 'eventMultiplier'),
    ),
};
