import type { EpochMs } from '../model/ids.js';
import type { Alert } from './alert.js';
import type { ChannelName } from './kinds.js';

/** One message on its way to one channel: one alert, or several that came close together. */
export interface Outgoing {
  /** Unique in a session: `slack-12`. */
  readonly id: string;
  readonly channel: ChannelName;
  /** At least one, oldest first. */
  readonly alerts: readonly Alert[];
  readonly why: 'now' | 'digest' | 'fallback' | 'escalation';
  /** Times each alert was left out as the same news, by alert id. */
  readonly repeats: Readonly<Record<string, number>>;
  /** Alerts of lower severity that were left out because there were too many. */
  readonly dropped: number;
  readonly urgent: boolean;
  readonly at: EpochMs;
  /** What a channel that carries long texts and pages sends in place of its alerts. */
  readonly letter?: { readonly subject: string; readonly text: string; readonly html: string };
}

/** What became of a message. */
export type Receipt =
  | { readonly kind: 'sent'; readonly ref?: string }
  | {
      readonly kind: 'failed';
      /** In our words, without what is secret. */
      readonly why: string;
      /** The channel asks for a pause, ms. */
      readonly retryAfterMs?: number;
      /** It will not work until somebody changes something: a dead link, a wrong key. */
      readonly permanent: boolean;
    };

/** A way to reach people. It answers with a receipt and does not throw; a receipt of a 200 is the other side's word. */
export interface Channel {
  readonly name: ChannelName;
  send(message: Outgoing, signal: AbortSignal): Promise<Receipt>;
}
