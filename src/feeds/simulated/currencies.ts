/** How a currency of the simulated market behaves; made up, in the likeness of the real ones. */
export interface SimulatedCurrency {
  readonly code: string;
  /** Value in dollars at the start and, in the long run, on average. */
  readonly value: number;
  /** Standard deviation of a year's return in ordinary times. */
  readonly volatility: number;
  /** Share of its moves that all currencies make against the dollar, −1 … 1. */
  readonly dollar: number;
  /** Share of its moves that come with the appetite for risk: positive falls in a crisis, −1 … 1. */
  readonly risk: number;
  /** Long-run policy rate, and the lowest the central bank goes, in steps of 25 basis points. */
  readonly meanSteps: number;
  readonly floorSteps: number;
  /** Hours after Sunday 17:00 New York at which a decision is published in a meeting week. */
  readonly decisionHour: number;
}

const row = (
  code: string,
  [value, volatility, dollar, risk]: readonly [number, number, number, number],
  [meanSteps, floorSteps, decisionHour]: readonly [number, number, number],
): SimulatedCurrency => ({ code, value, volatility, dollar, risk, meanSteps, floorSteps, decisionHour });

/** The dollar's rate; its value is 1 by definition. */
export const DOLLAR = row('USD', [1, 0, 0, 0], [13, 0, 69]);

/** Everything the market quotes against the dollar, in a fixed order that the chain of draws depends on. */
export const CURRENCIES: readonly SimulatedCurrency[] = [
  row('EUR', [1.1, 0.08, 0.6, 0.05], [9, -2, 87]),
  row('GBP', [1.5, 0.09, 0.5, 0.15], [15, 0, 86]),
  row('AUD', [0.74, 0.115, 0.45, 0.5], [19, 0, 31]),
  row('NZD', [0.67, 0.12, 0.45, 0.5], [21, 0, 52]),
  row('CAD', [0.78, 0.08, 0.35, 0.35], [13, 0, 65]),
  row('CHF', [0.97, 0.095, 0.55, -0.35], [4, -3, 83]),
  row('JPY', [1 / 112, 0.095, 0.25, -0.45], [2, -1, 34]),
  row('NOK', [1 / 8, 0.12, 0.55, 0.4], [16, 0, 84]),
  row('SEK', [1 / 8.8, 0.11, 0.6, 0.3], [10, -2, 62]),
];
