import type { CostModel } from './model.js';

/** What half the spread costs to cross once: in quote currency, and in basis points of the mid. */
export function halfSpreadCost(input: { readonly bid: number; readonly ask: number; readonly units: number }): {
  readonly quote: number;
  readonly bps: number;
} {
  const half = (input.ask - input.bid) / 2;
  const mid = (input.ask + input.bid) / 2;
  return { quote: half * Math.abs(input.units), bps: (half / mid) * 10_000 };
}

/**
 * Full spread in price, 0 or more, where the data has one price: typical spread × the model's multiple × the multiplier
 * of the hour. `hour` is the hour of the day in New York, 0 … 23: the market's day ends there at 17:00, summer and winter,
 * and the spread widens with it.
 */
export function modelledSpread(typicalSpread: number, hour: number, model: CostModel['spread']): number {
  return typicalSpread * model.typicalMultiple * (model.hourMultiplier[hour] ?? 1);
}

/**
 * A base spread at an hour of the day: base × multiplier of the hour × multiplier of the event (1 without one). An hour
 * that the profile lacks counts as an ordinary one. The profile's hours are in whatever zone the caller keys it by.
 */
export function timeOfDaySpread(
  base: number,
  hour: number,
  profile: ReadonlyMap<number, number>,
  eventMultiplier = 1,
): number {
  return base * (profile.get(hour) ?? 1) * eventMultiplier;
}
