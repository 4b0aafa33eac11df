import { createHmac } from 'node:crypto';
import type { Channel, Outgoing } from '../../core/alerts/channel.js';
import { gravest, headline } from '../../core/alerts/text.js';
import type { Clock } from '../../core/ports/clock.js';
import { callHook, type HookParts } from '../http/call-hook.js';
import { DEADLINE_MS } from '../http/posted.js';

export interface WebhookParts extends HookParts {
  readonly url: string;
  /** Signs what is sent; left out, nothing is signed. */
  readonly secret: string | undefined;
  readonly clock: Clock;
}

/**
 * A POST to any server. With a secret the header `x-fxtrade-signature` is `v1=` and the HMAC-SHA-256, in hex, of
 * `TIMESTAMP.BODY`, where the timestamp (seconds) stands in `x-fxtrade-timestamp`: a receiver that compares both and takes
 * nothing older than five minutes can be told nothing by others, and nothing twice.
 */
export function webhookChannel({ url, secret, clock, ...parts }: WebhookParts): Channel {
  return {
    name: 'webhook',
    async send(message) {
      const body = JSON.stringify(payloadOf(message));
      const timestamp = String(Math.floor(clock.now() / 1_000));
      const signature =
        secret === undefined ? {} : { 'x-fxtrade-signature': `v1=${signatureOf(secret, timestamp, body)}` };
      return callHook(parts, {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', 'x-fxtrade-timestamp': timestamp, ...signature },
        body,
        deadlineMs: DEADLINE_MS,
      });
    },
  };
}

/** What the header must hold, hex. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

function payloadOf(message: Outgoing): object {
  return {
    version: 1,
    id: message.id,
    severity: gravest(message),
    headline: headline(message),
    reason: message.why,
    time: new Date(message.at).toISOString(),
    alerts: message.alerts.map(({ ts, id, kind, severity, subject, source, text, next }) => ({
      id,
      time: new Date(ts).toISOString(),
      kind,
      severity,
      subject,
      source,
      text,
      next,
      repeats: message.repeats[id] ?? 0,
    })),
    dropped: message.dropped,
  };
}
