import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OpenChannels, openChannels } from '../../src/alerts/registry.js';
import { signatureOf } from '../../src/alerts/webhook/webhook.js';
import { type Alert, alertOf } from '../../src/core/alerts/alert.js';
import type { Outgoing } from '../../src/core/alerts/channel.js';
import { ALERT_KINDS, type ChannelName } from '../../src/core/alerts/kinds.js';
import { replayClock } from '../../src/core/ports/clock.js';
import { alertStandIns, type Mood } from '../helpers/alert-stand-ins.js';

const NOW = Date.UTC(2026, 0, 5, 12);
const EVIL =
  'EUR/USD \u001b]52;c;ZXZpbA==\u0007\u001b[2J\u202egnp.exe\u200b <script>@everyone <!channel> `x`\nBcc: all@example.org';

let there: Awaited<ReturnType<typeof alertStandIns>>;
let open: OpenChannels;
const lines: string[] = [];

beforeAll(async () => {
  there = await alertStandIns();
  const word = (name: string) => there.env[name];
  open = await openChannels({
    secrets: {
      get: (name) => {
        const value = word(name);
        return value === undefined ? undefined : { reveal: () => value };
      },
      plain: word,
    },
    clock: replayClock(NOW),
    console: { line: (text) => lines.push(text), bell: () => lines.push('BELL') },
    session: 'test',
  });
});

beforeEach(() => {
  there.mood = 'healthy';
  there.arrivals.length = 0;
  there.letters.length = 0;
  lines.length = 0;
});

afterAll(async () => {
  open.close();
  await there.close();
});

const message = (channel: ChannelName, alerts: readonly Alert[], why: Outgoing['why'] = 'now'): Outgoing => ({
  id: `${channel}-1`,
  channel,
  alerts,
  why,
  repeats: {},
  dropped: 0,
  urgent: alerts.some(({ severity }) => severity === 'critical'),
  at: NOW,
});
const alertsOf = (text: string): readonly Alert[] =>
  ALERT_KINDS.map((kind) => alertOf({ ts: NOW, kind, subject: 'EUR/USD', source: 'paper default', text }));
const send = (channel: ChannelName, alerts: readonly Alert[], why?: Outgoing['why']) =>
  open.channels.get(channel)?.send(message(channel, alerts, why), new AbortController().signal);

/** What arrived over there, as text that a person would see. */
function seen(channel: ChannelName): readonly string[] {
  switch (channel) {
    case 'console':
      return [lines.join('\n')];
    case 'email':
      return there.letters.map(({ raw }) => raw);
    default:
      return there.arrivals.map(({ body }) =>
        body.startsWith('{') ? body : decodeURIComponent(body.replaceAll('+', ' ')),
      );
  }
}

const NAMES: readonly ChannelName[] = [
  'console',
  'email',
  'slack',
  'discord',
  'telegram',
  'sms',
  'voice',
  'webhook',
  'ping',
];

describe('every kind of alert through every channel', () => {
  it('all nine are open', () => {
    expect([...open.channels.keys()]).toEqual(NAMES);
    expect(open.trouble).toEqual([]);
  });

  it.each(NAMES)('%s takes each kind, one by one, and shows what it is about', async (channel) => {
    for (const alert of alertsOf('something happened')) {
      expect([alert.kind, await send(channel, [alert])]).toMatchObject([alert.kind, { kind: 'sent' }]);
    }
    const all = seen(channel).join('\n');
    expect(all).toContain('something happened');
    expect(all).toMatch(/fxtrade status/);
  });

  it.each(NAMES)('%s shows nothing of outside text that acts, and no key', async (channel) => {
    for (const alert of alertsOf(EVIL)) await send(channel, [alert]);
    const all = seen(channel).join('\n');
    expect([...'\u001b\u0007\u202e\u200b\u009b'].filter((mark) => all.includes(mark))).toEqual([]);
    expect(all.replace(/x-fxtrade[^\n]*/g, '')).not.toMatch(
      /slacksecret9|discordsecret9|telegramsecret9|twiliosecret9|hmacsecret9|pingsecret9|webhooksecret9|S3cr/,
    );
  });
});

describe('each channel says what became of a message', () => {
  const failing: readonly (readonly [Mood, boolean])[] = [
    ['dead', false],
    ['garbage', false],
    ['throttled', false],
    ['gone', true],
    ['redirects', true],
  ];
  const cases = (['slack', 'discord', 'telegram', 'sms', 'voice', 'webhook', 'ping'] as const).flatMap((channel) =>
    failing.map(([mood, permanent]) => ({ channel, mood, permanent })),
  );

  it.each(cases)('$channel that is $mood has failed', async ({ channel, mood, permanent }) => {
    there.mood = mood;
    const receipt = await send(channel, alertsOf('x').slice(0, 1));
    expect(receipt).toMatchObject({ kind: 'failed', permanent });
    if (mood === 'throttled') expect(receipt).toMatchObject({ retryAfterMs: expect.closeTo(65_000, -3) });
    expect(there.arrivals).toHaveLength(1);
  });

  it.each(['slack', 'discord', 'telegram', 'sms', 'voice'] as const)(
    '%s that answers nonsense with a good status has failed',
    async (channel) => {
      there.mood = 'lying';
      expect(await send(channel, alertsOf('x').slice(0, 1))).toMatchObject({ kind: 'failed', permanent: false });
    },
  );

  it.each([
    ['throttled', false],
    ['gone', true],
  ] as const)('a mail server that is %s refuses, permanently: %s', async (mood, permanent) => {
    there.mood = mood;
    expect(await send('email', alertsOf('x').slice(0, 1))).toMatchObject({ kind: 'failed', permanent });
  });
});

describe('what leaves has the form that the other side asks for', () => {
  it('a letter has text and HTML, one subject line, and an id of its own', async () => {
    await send('email', [
      alertOf({ ts: NOW, kind: 'halt', source: 'halt', text: 'a <b>bold</b>\r\nBcc: x@example.org' }),
    ]);
    const [letter] = there.letters;
    expect(letter).toMatchObject({ from: 'desk@example.org', to: ['trader@example.org'] });
    const head = letter?.raw.split('\r\n\r\n')[0] ?? '';
    expect(head).toMatch(/^Subject: \[fxtrade CRITICAL\] Halted \(halt\)$/m);
    expect(head).toContain('Message-ID: <email-1.test@fxtrade.invalid>');
    expect(head).not.toMatch(/^Bcc/im);
    expect(letter?.raw).toContain('text/html');
    expect(letter?.raw.split('text/html')[1]).not.toContain('<b>bold');
  });

  it('the webhook signs time and body, so that a receiver can check both', async () => {
    await send('webhook', alertsOf('x').slice(0, 2));
    const [arrival] = there.to('/hook');
    const { 'x-fxtrade-timestamp': timestamp = '', 'x-fxtrade-signature': signature } = arrival?.headers ?? {};
    expect(timestamp).toBe(String(NOW / 1_000));
    expect(signature).toBe(`v1=${signatureOf('hmacsecret9', timestamp, arrival?.body ?? '')}`);
    expect(JSON.parse(arrival?.body ?? '')).toMatchObject({
      version: 1,
      severity: 'info',
      alerts: [{ kind: 'trade-executed' }, {}],
    });
  });

  it('Discord calls nobody, whatever stands in the text, and is asked for its message', async () => {
    await send('discord', [alertOf({ ts: NOW, kind: 'note', source: 'x', text: '@everyone **look** `x`' })]);
    const [arrival] = there.arrivals;
    expect(arrival?.path).toContain('?wait=true');
    const body = JSON.parse(arrival?.body ?? '') as { content: string };
    expect(body).toMatchObject({
      allowed_mentions: { parse: [] },
      content: expect.stringContaining('\\*\\*look\\*\\*'),
    });
  });

  it.each(['discord', 'telegram', 'sms', 'slack'] as const)('%s never gets more than it takes', async (channel) => {
    const many = Array.from({ length: 20 }, (_, i) =>
      alertOf({ ts: NOW + i, kind: 'note', subject: `${i}`, source: 'x', text: '*'.repeat(300) }),
    );
    await send(channel, many);
    const [arrival] = there.arrivals;
    const longest = { discord: 2_000, telegram: 4_096, sms: 320, slack: 3_000 }[channel];
    const body = channel === 'sms' ? new URLSearchParams(arrival?.body).get('Body') : arrival?.body;
    const text =
      channel === 'sms'
        ? String(body)
        : channel === 'discord'
          ? (JSON.parse(String(body)) as { content: string }).content
          : channel === 'telegram'
            ? (JSON.parse(String(body)) as { text: string }).text
            : (JSON.parse(String(body)) as { blocks: { text: { text: string } }[] }).blocks[0]?.text.text;
    expect(text?.length).toBeLessThanOrEqual(longest);
  });

  it('a call says it twice, in TwiML that no text can break out of', async () => {
    await send('voice', [alertOf({ ts: NOW, kind: 'halt', source: 'x', text: '</Say><Dial>+1900</Dial>' })]);
    const fields = new URLSearchParams(there.arrivals[0]?.body);
    expect(fields.get('Twiml')).toMatch(
      /^<Response><Say>[^<]*<\/Say><Pause length="1"\/><Say>[^<]*<\/Say><\/Response>$/,
    );
    expect(Object.fromEntries(fields)).toMatchObject({ To: '+15550002', From: '+15550001' });
  });

  it('an escalation says how to stop it', async () => {
    await send('telegram', alertsOf('x').slice(0, 1), 'escalation');
    expect(there.arrivals[0]?.body).toContain('fxtrade status --ack');
  });

  it('the watcher hears of life at its address, of a begin and of a failure below it', async () => {
    await open.watcher?.beat('start');
    await open.watcher?.beat('alive');
    await send('ping', alertsOf('x').slice(0, 1));
    expect(there.arrivals.map(({ path }) => path)).toEqual([
      '/ping/pingsecret9/start',
      '/ping/pingsecret9',
      '/ping/pingsecret9/fail',
    ]);
  });
});

describe('addresses that a person gives', () => {
  it.each([
    ['WEBHOOK_URL', 'webhook', 'https://169.254.169.254/latest/meta-data'],
    ['WEBHOOK_URL', 'webhook', 'http://example.org/hook'],
    ['SLACK_WEBHOOK', 'slack', 'https://[::ffff:10.0.0.1]/x'],
    ['DISCORD_WEBHOOK', 'discord', 'https://2130706433/x'],
    ['HEARTBEAT_URL', 'ping', 'https://user:pass@example.org/x'],
    ['WEBHOOK_URL', 'webhook', 'https://printer.local/x'],
  ] as const)('%s: %s is not called at %s', async (name, channel, url) => {
    const { channels, close } = await openChannels({
      secrets: { get: (asked) => (asked === name ? { reveal: () => url } : undefined), plain: () => undefined },
      clock: replayClock(NOW),
      session: 'test',
    });
    const receipt = await channels
      .get(channel)
      ?.send(message(channel, alertsOf('x').slice(0, 1)), new AbortController().signal);
    expect(receipt).toMatchObject({ kind: 'failed', permanent: true, why: expect.stringContaining('not one to call') });
    close();
  });

  it('a name that leads inside a network is not called', async () => {
    const { channels, close } = await openChannels({
      secrets: {
        get: (asked) => (asked === 'WEBHOOK_URL' ? { reveal: () => 'https://hooks.example.org/x' } : undefined),
        plain: () => undefined,
      },
      clock: replayClock(NOW),
      session: 'test',
      resolve: async () => ['93.184.216.34', '10.0.0.7'],
    });
    const receipt = await channels
      .get('webhook')
      ?.send(message('webhook', alertsOf('x').slice(0, 1)), new AbortController().signal);
    expect(receipt).toMatchObject({ kind: 'failed', permanent: true });
    close();
  });

  it('a mail address of no kind leaves the channel closed, with the reason', async () => {
    const words: Readonly<Record<string, string>> = { EMAIL_FROM: 'a@b.c', EMAIL_TO: 'a@b.c' };
    const { channels, trouble } = await openChannels({
      secrets: {
        get: (asked) => (asked === 'SMTP_URL' ? { reveal: () => 'mail.example.org' } : undefined),
        plain: (name) => words[name],
      },
      clock: replayClock(NOW),
      session: 'test',
    });
    expect([channels.size, trouble.map(({ channel }) => channel)]).toEqual([0, ['email']]);
  });
});

const fixtures = join(process.env['FXTRADE_SHARED'] ?? '../shared', 'fixtures');
const recorded = (name: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as Record<string, unknown>;
  } catch {
    console.log(`skipped: ${name} is not there`);
    return undefined;
  }
};
const twilio = recorded('twilio/response-examples.json');
const discord = recorded('discord/docs-examples.json');

describe.skipIf(twilio === undefined || discord === undefined)('recorded answers of the vendors', () => {
  it.each(['sms', 'voice'] as const)('the id of %s is found in every recorded answer', async (channel) => {
    const what = channel === 'sms' ? 'Messages' : 'Calls';
    const examples = twilio?.[`POST /2010-04-01/Accounts/{AccountSid}/${what}.json 201`] as Record<
      string,
      { value?: unknown }
    >;
    for (const example of Object.values(examples)) {
      const body = example.value ?? example;
      const receipt = await answeredWith(channel, 201, body);
      expect(receipt).toEqual({ kind: 'sent', ref: (body as { sid: string }).sid });
    }
  });

  it('each recorded throttle of Discord is waited for as long as it says', async () => {
    const waits = await Promise.all(
      ((discord?.['developers/topics/rate-limits.mdx'] ?? []) as object[]).map((body) =>
        answeredWith('discord', 429, body),
      ),
    );
    expect(waits).toMatchObject([{ retryAfterMs: 64_570 }, { retryAfterMs: 1_336_570 }, { retryAfterMs: 64_570 }]);
  });
});

async function answeredWith(channel: ChannelName, status: number, body: unknown) {
  const secret = (name: string) => ({ reveal: () => there.env[name] ?? '' });
  const { channels } = await openChannels({
    secrets: { get: secret, plain: (name) => there.env[name] },
    clock: replayClock(NOW),
    session: 'test',
    http: {
      send: async () => ({ status, headers: {}, body: JSON.stringify(body) }),
      lines: () => {
        throw new Error('no lines');
      },
    },
  });
  return channels.get(channel)?.send(message(channel, alertsOf('x').slice(0, 1)), new AbortController().signal);
}
