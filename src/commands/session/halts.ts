import { FxError } from '../../core/base/errors.js';
import type { HaltState } from '../../core/engine/parts.js';
import type { Instrument } from '../../core/model/instrument.js';
import { type HaltLine, readHalts } from '../../core/state/halt-file.js';

const BROKER = 'sim';

/** What the latch of a home says to one instrument of a paper session; read anew at each call. */
export function haltsOf(home: string, strategy: string): (instrument: Instrument) => HaltState {
  return (instrument) => {
    const lines = readHalts(home).filter((line) => concerns(line, strategy, instrument.id));
    return {
      entries: lines.length > 0,
      everything: lines.some((line) => line.mode === 'all'),
      reason: lines.map((line) => `${line.reason} (${line.scope}, ${line.time})`).join('; '),
    };
  };
}

/** The same for a replay, which repeats history byte for byte: it stops where it is and goes on after `resume`. */
export function haltsReplay(home: string, strategy: string): (instrument: Instrument) => HaltState {
  const look = haltsOf(home, strategy);
  return (instrument) => {
    const state = look(instrument);
    if (state.entries) throw haltError(state.reason);
    return state;
  };
}

/** Refuses to begin under a halt that concerns this session at all. */
export function requireNotHalted(home: string, strategy: string, instruments: readonly Instrument[]): void {
  const halt = findHalt(home, strategy, instruments);
  if (halt !== undefined) throw halt;
}

/** The refusal of the first halt that concerns this session at all; undefined where none does. */
export function findHalt(home: string, strategy: string, instruments: readonly Instrument[]): FxError | undefined {
  for (const line of readHalts(home)) {
    if (instruments.every((instrument) => !concerns(line, strategy, instrument.id))) continue;
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

function concerns(line: HaltLine, strategy: string, instrument: string): boolean {
  const { scope } = line;
  return (
    scope === 'all' ||
    scope === `broker:${BROKER}` ||
    scope === `strategy:${strategy}` ||
    scope === `instrument:${instrument}`
  );
}
