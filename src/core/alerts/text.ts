import type { Alert } from './alert.js';
import type { Outgoing } from './channel.js';
import { factsOf, SEVERITIES, type Severity } from './kinds.js';

/** The gravest severity of a message. */
export function gravest({ alerts }: Pick<Outgoing, 'alerts'>): Severity {
  return SEVERITIES.reduce<Severity>((so, one) => (alerts.some(({ severity }) => severity === one) ? one : so), 'info');
}

/** One line that says what it is about: the subject of a mail, the title of a push message. */
export function headline(message: Outgoing): string {
  const [first] = [...message.alerts].sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  if (first === undefined) return 'fxtrade';
  const more = message.alerts.length - 1;
  const mark = gravest(message).toUpperCase();
  const rest = more > 0 ? ` and ${more} more` : '';
  return `[fxtrade ${mark}] ${titleOf(first)}${rest}${message.why === 'escalation' ? ' (not acknowledged)' : ''}`;
}

/** The whole message as plain text of at most `longest` characters; alerts that have no room are counted. */
export function plainText(message: Outgoing, longest: number): string {
  const foot = footOf(message);
  const room = longest - foot.length - 40;
  const parts: string[] = [];
  let used = 0;
  for (const alert of message.alerts) {
    const part = partOf(alert, message.repeats[alert.id] ?? 0);
    if (used + part.length + 2 > room && parts.length > 0) break;
    parts.push(part.length > room ? `${part.slice(0, room - 1)}…` : part);
    used += part.length + 2;
  }
  const left = message.alerts.length - parts.length + message.dropped;
  if (left > 0) parts.push(`… and ${left} more: fxtrade status`);
  if (foot !== '') parts.push(foot);
  return parts.join('\n\n');
}

/** A line for a text message: the gravest alert and how many others. */
export function shortText(message: Outgoing, longest: number): string {
  const [first] = [...message.alerts].sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  const tail = `${message.alerts.length > 1 ? ` (+${message.alerts.length - 1} more)` : ''} Next: ${first?.next ?? ''}`;
  const said = `${headline(message)}: ${first?.text ?? ''}`;
  return said.length + tail.length <= longest
    ? `${said}.${tail}`
    : `${said.slice(0, longest - tail.length - 1)}…${tail}`;
}

/** The whole message as a page for a mail program. No link, no image, no script: nothing of it asks the network. */
export function htmlText(message: Outgoing): string {
  const rows = message.alerts.map((alert) => {
    const repeats = message.repeats[alert.id] ?? 0;
    const said = `${escaped(alert.text)}${repeats > 0 ? ` <em>(${repeats} more like this)</em>` : ''}`;
    return `<tr><td style="padding:8px;border-left:4px solid ${COLORS[alert.severity]}"><strong>${escaped(titleOf(alert))}</strong><br>${said}<br><small>${escaped(alert.source)}, ${escaped(when(alert))}</small><br>Next: <code>${escaped(alert.next)}</code></td></tr>`;
  });
  const foot = footOf(message);
  const left = message.dropped > 0 ? `<p>… and ${message.dropped} more: <code>fxtrade status</code></p>` : '';
  return `<!doctype html><html><body style="font-family:sans-serif"><table>${rows.join('')}</table>${left}${foot === '' ? '' : `<p>${escaped(foot)}</p>`}</body></html>`;
}

/** Text as text in HTML and XML, in an element or a quoted attribute. */
export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
  return text.replace(/[&<>"']/g, (found) => `&${names[found]};`);
}

const COLORS: Readonly<Record<Severity, string>> = { info: '#4a6', warning: '#d90', critical: '#c22' };

function titleOf(alert: Alert): string {
  const { title } = factsOf(alert.kind);
  return alert.subject === '' ? `${title} (${alert.source})` : `${title}: ${alert.subject} (${alert.source})`;
}

function when({ ts }: Alert): string {
  return `${new Date(ts).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function partOf(alert: Alert, repeats: number): string {
  const again = repeats > 0 ? ` (${repeats} more like this)` : '';
  const mark = alert.severity === 'info' ? '' : `${alert.severity.toUpperCase()} `;
  return `${mark}${titleOf(alert)}\n${alert.text}${again}\n${when(alert)} · next: ${alert.next}`;
}

function footOf({ why }: Outgoing): string {
  if (why === 'escalation') return 'Nobody has acknowledged this. To stop these messages: fxtrade status --ack';
  return why === 'fallback' ? 'Sent here because another channel failed.' : '';
}
