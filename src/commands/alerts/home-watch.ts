import type { Fields } from '../../core/alerts/fields.js';
import type { AlertSettings } from '../../core/alerts/settings.js';
import type { EpochMs } from '../../core/model/ids.js';
import { type AgedKey, daysText, oldKeys } from '../../core/state/alerts/key-ages.js';
import { freeBytesOf } from '../../core/state/home-check.js';

/** What is watched, and by which limits. */
export interface HomeWatchParts {
  readonly home: string;
  readonly keys: readonly AgedKey[];
  readonly settings: Pick<AlertSettings, 'keyAgeMs' | 'diskFreeGib'>;
  /** The session before this one told that room is little, and nothing said since that it is enough. */
  readonly wasLow: boolean;
  /** Room became little, or enough again: for the log, so that the next session does not tell it again. */
  onRoom(low: boolean): void;
  /** Bytes that may still be written in a folder; left out, the system is asked. */
  readonly freeBytes?: (folder: string) => number | undefined;
}

/** What happened, as the rules of alerts take it. */
export interface HomeNews {
  readonly kind: 'disk-low' | 'key-age';
  readonly fields: Fields;
}

const GIB = 1024 ** 3;
const DISK_EVERY_MS = 60_000;
const KEYS_EVERY_MS = 3_600_000;
/** Room is enough again a quarter above the limit: a log that is rotated at the limit must not ring each minute. */
const RECOVERED = 1.25;

/** Looks after what a home needs while a session runs: room on its disk, and keys that are not too old. */
export class HomeWatch {
  readonly #parts: HomeWatchParts;
  #isLow: boolean;
  #diskAt = Number.NEGATIVE_INFINITY;
  #keysAt = Number.NEGATIVE_INFINITY;

  constructor(parts: HomeWatchParts) {
    this.#parts = parts;
    this.#isLow = parts.wasLow;
  }

  /** What is news now. Cheap to ask often: the system is asked once a minute, the keys once an hour. Throws nothing. */
  look(now: EpochMs): readonly HomeNews[] {
    return [...this.#disk(now), ...this.#keys(now)];
  }

  #disk(now: EpochMs): readonly HomeNews[] {
    if (now < this.#diskAt) return [];
    this.#diskAt = now + DISK_EVERY_MS;
    const { home, settings, onRoom, freeBytes = freeBytesOf } = this.#parts;
    const free = freeBytes(home);
    if (free === undefined) return [];
    const limit = settings.diskFreeGib * GIB;
    if (this.#isLow) {
      if (free < limit * RECOVERED) return [];
      this.#isLow = false;
      onRoom(false);
      return [];
    }
    if (free >= limit) return [];
    this.#isLow = true;
    onRoom(true);
    const message = `${gib(free)} free where ${home} is, the limit is ${settings.diskFreeGib} GiB; a journal that cannot be written stops trading`;
    return [{ kind: 'disk-low', fields: { message } }];
  }

  #keys(now: EpochMs): readonly HomeNews[] {
    if (now < this.#keysAt) return [];
    this.#keysAt = now + KEYS_EVERY_MS;
    const { home, keys, settings } = this.#parts;
    try {
      const { old, damaged } = oldKeys(home, keys, { now, limitMs: settings.keyAgeMs });
      const lost = `${damaged} could not be read: ages of keys count from today`;
      return [
        ...(damaged === undefined ? [] : [keyNews('keys-seen.json', lost)]),
        ...old.map(({ name, ageMs }) =>
          keyNews(name, `${name} is in use here for ${daysText(ageMs)}, the limit is ${daysText(settings.keyAgeMs)}`),
        ),
      ];
    } catch {
      // What cannot be written is told by the journal and the log of alerts, which must be; the age can wait an hour.
      return [];
    }
  }
}

const keyNews = (name: string, message: string): HomeNews => ({ kind: 'key-age', fields: { name, message } });

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(bytes < GIB ? 2 : 1)} GiB`;
