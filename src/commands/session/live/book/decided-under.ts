import { readSnapshot } from '../../../../core/state/books/snapshot.js';
import type { LoadedSettings } from '../../../runtime/command.js';
import type { Prepared } from '../../inputs/prepare.js';

/** Settings that decisions depend on, as a snapshot keeps them. */
export interface DecidedUnder {
  readonly risk: LoadedSettings['settings']['risk'];
  readonly sizing: LoadedSettings['settings']['sizing'];
  readonly approval: LoadedSettings['settings']['approval'];
  /** Absent in snapshots of before live read headlines. */
  readonly news?: LoadedSettings['settings']['news'];
  readonly canonical: string;
}

export function decidedUnder({ settings, canonical }: LoadedSettings): DecidedUnder {
  const { risk, sizing, approval, news } = settings;
  return { risk, sizing, approval, news, canonical };
}

/**
 * The session as it was prepared when the last one ended, where its settings were others; undefined where they are the same.
 * What a crash left to go over was decided under those, and under others it would be decided otherwise.
 */
export function preparedBefore(folder: string, prepared: Prepared): Prepared | undefined {
  const state = readSnapshot(folder)?.state as { extra?: { under?: DecidedUnder } | null } | undefined;
  const under = state?.extra?.under;
  if (under === undefined || JSON.stringify(under) === JSON.stringify(decidedUnder(prepared.loaded))) return undefined;
  const { risk, sizing, approval, canonical } = under;
  const { loaded } = prepared;
  const news = under.news ?? loaded.settings.news;
  return {
    ...prepared,
    loaded: { ...loaded, canonical, settings: { ...loaded.settings, risk, sizing, approval, news } },
  };
}
