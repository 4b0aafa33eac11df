import type { AnyStrategy } from './strategy.js';

/**
 * The strategies that come with the program, by name. Each is loaded when it is asked for: a command that runs one does
 * not pay for the others.
 */
export const builtIns: ReadonlyMap<string, () => Promise<AnyStrategy>> = new Map<string, () => Promise<AnyStrategy>>([
  ['carry', async () => (await import('./carry.js')).carry],
  ['mean-reversion', async () => (await import('./mean-reversion.js')).meanReversion],
  ['sentiment', async () => (await import('./sentiment.js')).sentiment],
  ['sma-cross', async () => (await import('./sma-cross.js')).smaCross],
  ['trend', async () => (await import('./trend.js')).trend],
]);
