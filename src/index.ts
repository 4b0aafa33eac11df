/** What a strategy file may import: `import { defineStrategy } from 'fxtrade'`. */
export type { Bar } from './core/model/market.js';
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
