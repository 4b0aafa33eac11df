/** What a strategy file may import: `import { defineStrategy } from 'fxtrade'`. */
export { floorTo, roundTo } from './core/base/num.js';
export { Ema, Sma } from './core/indicators/average.js';
export { type Band, Bollinger, EwmaVolatility, RollingSd } from './core/indicators/dispersion.js';
export { Rsi } from './core/indicators/oscillator.js';
export { Atr, RollingMax, RollingMin } from './core/indicators/range.js';
export type { Bar } from './core/model/market.js';
export type { Sentiment } from './core/sentiment/sentiment-book.js';
export type {
  AnyStrategy,
  CancelWish,
  OrderWish,
  ParamSpec,
  ParamSpecs,
  ParamsOf,
  Signal,
  StrategyContext,
  StrategyDefinition,
  StrategyInstance,
  Target,
  View,
  Wish,
  Wishes,
} from './core/strategies/strategy.js';
export { defineStrategy } from './core/strategies/strategy.js';
