import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../atomic.js';
import { ensureHome } from '../home.js';

/** Up to when a person has seen every critical alert. */
export interface Acknowledged {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly who: string;
}

const ACK_FILE = 'alerts-ack.json';

/** Says that a person has seen every critical alert up to `time`; running sessions look for it. */
export function writeAck(home: string, ack: Acknowledged): void {
  ensureHome(home);
  replaceFile(join(home, ACK_FILE), `${JSON.stringify(ack)}\n`);
}

/** The last acknowledgement; undefined when there is none that can be read: then messages go on, which is the safe side. */
export function readAck(home: string): Acknowledged | undefined {
  try {
    const { time, who } = JSON.parse(readFileSync(join(home, ACK_FILE), 'utf8')) as Partial<Acknowledged>;
    if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined;
    return { time, who: typeof who === 'string' ? who : 'unknown' };
  } catch {
    return undefined;
  }
}
