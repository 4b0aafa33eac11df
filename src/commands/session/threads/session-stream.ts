import type { SessionAlerts } from '../../alerts/session-alerts.js';
import { type CommandContext, switchFlag } from '../../runtime/command.js';
import type { LiveScreen } from '../../ui/dashboard.js';
import type { Recorded } from '../book.js';
import type { JobListener } from './job.js';

/** What a session says while it runs, on its way to a person or a script. */
export interface SessionStream {
  readonly listener: JobListener;
  /** Takes the screen down. */
  end(): void;
}

/** Lines of a session: on a screen with `--watch`, else one after the other; `alerts` hears all of them. */
export async function sessionStream(ctx: CommandContext, alerts?: SessionAlerts): Promise<SessionStream> {
  const watch = switchFlag(ctx, 'watch') && !ctx.json ? await screen(ctx) : undefined;
  // A person who watches may also press q: an orderly end like that of --duration.
  const quit = new AbortController();
  const stopKeys = watch && ctx.terminal.keys?.((key) => (key === 'q' ? quit.abort() : undefined));
  return {
    listener: {
      signal: watch === undefined ? ctx.signal : AbortSignal.any([ctx.signal, quit.signal]),
      note: (text) => ctx.note(text),
      event: (ts, what) => {
        const { kind, fields } = lineOf(what);
        // The line of a question leaves out what would not fit one; who is far away hears all of it.
        alerts?.happened(kind, what.kind === 'ask' ? { request: what.request } : fields);
        if (watch === undefined) ctx.emit(kind, { time: new Date(ts).toISOString(), ...fields });
        else watch.happened(ts, kind, fields);
      },
      told: (kind, fields) => {
        alerts?.happened(kind, fields);
        if (watch === undefined) ctx.emit(kind, fields);
        else watch.told(kind, fields);
      },
    },
    end() {
      stopKeys?.();
      watch?.end();
    },
  };
}

async function screen(ctx: CommandContext): Promise<LiveScreen> {
  const { liveScreen } = await import('../../ui/dashboard.js');
  return liveScreen(ctx.terminal);
}

/** One event or effect as a line of the stream: flat, and in the contract's words. */
function lineOf(what: Recorded): { kind: string; fields: Readonly<Record<string, unknown>> } {
  switch (what.kind) {
    case 'submit': {
      const { id, clientId, intent } = what.order;
      return { kind: 'order', fields: { orderId: id, clientId, ...intent } };
    }
    case 'ask': {
      const { id, expiresAt, intent, limits: _, askedAt: __, ...request } = what.request;
      const until = new Date(expiresAt).toISOString();
      return { kind: 'ask', fields: { orderId: id, ...request, expiresAt: until, reason: intent.reason } };
    }
    case 'decided':
      return { kind: 'decision', fields: { ...what.decision, ts: undefined } };
    case 'fill':
      return { kind: 'fill', fields: { ...what.fill, ts: undefined } };
    default: {
      const { kind, ts: _, ...fields } = what as Record<string, unknown> & { kind: string };
      return { kind, fields };
    }
  }
}
