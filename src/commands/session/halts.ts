import { FxError } from '../../core/base/errors.js';
import type { HaltState } from '../../core/engine/parts.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { FileCalls } from '../../core/state/file-calls.js';
import { type HaltLine, readHalts } from '../../core/state/halt-file.js';

/** Whom a halt may concern: a strategy at a broker. */
export interface Trader {
  readonly strategy: string;
  readonly broker: string;
}

/** A strategy at the simulated venue. */
export const paperTrader = (strategy: string): Trader => ({ strategy, broker: 'sim' });

/** The lines of the latch that could concern a session of this trader; read anew at each call. */
export function haltsFor(home: string, trader: Trader, files?: FileCalls): readonly HaltLine[] {
  return readHalts(home, files).filter(({ scope }) => scope.startsWith('instrument:') || concerns(scope, trader, ''));
}

/** What such lines say to one instrument. */
export function haltStateOf(halts: readonly HaltLine[], instrument: string): HaltState {
  const lines = halts.filter(({ scope }) => !scope.startsWith('instrument:') || scope === `instrument:${instrument}`);
  return {
    entries: lines.length > 0,
    everything: lines.some((line) => line.mode === 'all'),
    reason: lines.map((line) => `${line.reason} (${line.scope}, ${line.time})`).join('; '),
  };
}

/** For a replay, which repeats history byte for byte: it stops where it is and goes on after `resume`. */
export function haltsReplay(home: string, trader: Trader): (instrument: Instrument) => HaltState {
  return (instrument) => {
    const state = haltStateOf(haltsFor(home, trader), instrument.id);
    if (state.entries) throw haltError(state.reason);
    return state;
  };
}

/** Refuses to begin under a halt that concerns this session at all. */
export function requireNotHalted(home: string, trader: Trader, instruments: readonly Instrument[]): void {
  const halt = findHalt(home, trader, instruments);
  if (halt !== undefined) throw halt;
}

/** The refusal of the first halt that concerns this session at all; undefined where none does. */
export function findHalt(
  home: string,
  trader: Trader,
  instruments: readonly Instrument[],
  files?: FileCalls,
): FxError | undefined {
  for (const line of readHalts(home, files)) {
    if (instruments.every((instrument) => !concerns(line.scope, trader, instrument.id))) continue;
    return haltError(`${line.reason} (${line.scope}, ${line.time})`);
  }
  return undefined;
}

function haltError(reason: string): FxError {
  return new FxError('HALT.ACTIVE', {
    message: `trading is halted: ${reason}`,
    next: 'look into the reason, then: fxtrade resume --reason TEXT',
    facts: { reason },
  });
}

function concerns(scope: HaltLine['scope'], { strategy, broker }: Trader, instrument: string): boolean {
  return (
    scope === 'all' ||
    scope === `broker:${broker}` ||
    scope === `strategy:${strategy}` ||
    scope === `instrument:${instrument}`
  );
}
