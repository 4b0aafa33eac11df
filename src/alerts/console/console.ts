import type { Channel } from '../../core/alerts/channel.js';
import { gravest, plainText } from '../../core/alerts/text.js';

/** Where lines for a person at the terminal go. */
export interface ConsoleParts {
  line(text: string): void;
  /** Rings; left out, nothing does. */
  bell?(): void;
}

const LONGEST = 4_000;

/** Lines on the error stream of the session, and the terminal's bell for what is critical. */
export function consoleChannel({ line, bell }: ConsoleParts): Channel {
  return {
    name: 'console',
    send: async (message) => {
      for (const text of plainText(message, LONGEST).split('\n')) if (text !== '') line(text);
      if (gravest(message) === 'critical') bell?.();
      return { kind: 'sent' };
    },
  };
}
