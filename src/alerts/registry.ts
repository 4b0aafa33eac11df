import type { Channel } from '../core/alerts/channel.js';
import { CHANNEL_NAMES, type ChannelName } from '../core/alerts/kinds.js';
import type { Clock } from '../core/ports/clock.js';
import { originOf } from '../wire/address.js';
import type { Http } from '../wire/message.js';
import type { Resolve } from '../wire/public-address.js';
import type { ConsoleParts } from './console/console.js';
import type { Watcher } from './ping/ping.js';

type SecretWord =
  | 'SMTP_URL'
  | 'SLACK_WEBHOOK'
  | 'DISCORD_WEBHOOK'
  | 'TELEGRAM_BOT_TOKEN'
  | 'TWILIO_ACCOUNT_SID'
  | 'TWILIO_AUTH_TOKEN'
  | 'WEBHOOK_URL'
  | 'WEBHOOK_SECRET'
  | 'HEARTBEAT_URL';
type PlainWord =
  | 'EMAIL_FROM'
  | 'EMAIL_TO'
  | 'TELEGRAM_CHAT_ID'
  | 'TWILIO_FROM'
  | 'ALERT_PHONE'
  | 'TELEGRAM_BASE_URL'
  | 'TWILIO_BASE_URL';

/** Keys and plain values as `core/config/secrets.ts` offers them. */
export interface AlertSecrets {
  get(name: SecretWord): { reveal(): string } | undefined;
  plain(name: PlainWord): string | undefined;
}

/** What channels are opened with. */
export interface AlertSurroundings {
  readonly secrets: AlertSecrets;
  readonly clock: Clock;
  /** Where lines for a person at the terminal go; left out, there is no such channel. */
  readonly console?: ConsoleParts;
  /** Makes message ids of two sessions different. */
  readonly session: string;
  /** The network; left out, the real one, with connections of its own: a slow channel holds none that orders need. */
  readonly http?: Http;
  readonly resolve?: Resolve;
}

/** What a channel is and needs, so that nobody lists them elsewhere. */
export interface ChannelFacts {
  readonly name: ChannelName;
  /** How people call it. */
  readonly title: string;
  /** Names in the environment without which it stays closed. */
  readonly needs: readonly (SecretWord | PlainWord)[];
}

/** The channels that are open, and why others that have keys are not. */
export interface OpenChannels {
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly watcher: Watcher | undefined;
  readonly trouble: readonly { readonly channel: ChannelName; readonly why: string }[];
  close(): void;
}

const FACTS: Readonly<Record<ChannelName, Omit<ChannelFacts, 'name'>>> = {
  console: { title: 'lines and bell in the terminal', needs: [] },
  email: { title: 'e-mail (SMTP)', needs: ['SMTP_URL', 'EMAIL_FROM', 'EMAIL_TO'] },
  slack: { title: 'Slack (incoming webhook)', needs: ['SLACK_WEBHOOK'] },
  discord: { title: 'Discord (webhook)', needs: ['DISCORD_WEBHOOK'] },
  telegram: { title: 'Telegram (bot)', needs: ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID'] },
  sms: {
    title: 'text message (Twilio)',
    needs: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM', 'ALERT_PHONE'],
  },
  voice: { title: 'call (Twilio)', needs: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM', 'ALERT_PHONE'] },
  webhook: { title: 'any server (signed POST)', needs: ['WEBHOOK_URL'] },
  ping: { title: 'outside watcher', needs: ['HEARTBEAT_URL'] },
};

/** Every channel, whether it is set up or not. */
export const channelFacts = (): readonly ChannelFacts[] => CHANNEL_NAMES.map((name) => ({ name, ...FACTS[name] }));

/** Opens what has its keys. Sends nothing and throws nothing: trouble with a channel must not keep a session from its stops. */
export async function openChannels(surroundings: AlertSurroundings): Promise<OpenChannels> {
  const { secrets, console } = surroundings;
  const word = (name: SecretWord | PlainWord): string =>
    (isSecret(name) ? secrets.get(name)?.reveal() : secrets.plain(name)) ?? '';
  const wanted = channelFacts().filter(({ name, needs }) =>
    name === 'console' ? console !== undefined : needs.every((need) => word(need) !== ''),
  );
  const onNetwork = wanted.some(({ name }) => name !== 'console' && name !== 'email');
  const own = onNetwork && surroundings.http === undefined ? await ownHttp() : undefined;
  const http = surroundings.http ?? own ?? NO_NETWORK;
  const channels = new Map<ChannelName, Channel>();
  const trouble: { channel: ChannelName; why: string }[] = [];
  const closers: (() => void)[] = own === undefined ? [] : [() => own.close()];
  let watcher: Watcher | undefined;
  for (const { name } of wanted) {
    const made = await OPENERS[name]({ ...surroundings, http, word });
    if ('why' in made) trouble.push({ channel: name, why: made.why });
    else {
      channels.set(name, made.channel);
      if (made.close !== undefined) closers.push(made.close);
      if (made.watcher !== undefined) watcher = made.watcher;
    }
  }
  return { channels, watcher, trouble, close: () => closers.forEach((close) => void close()) };
}

interface Opening extends AlertSurroundings {
  readonly http: Http;
  word(name: SecretWord | PlainWord): string;
}
type Opened = { readonly channel: Channel; close?(): void; readonly watcher?: Watcher } | { readonly why: string };

const OPENERS: Readonly<Record<ChannelName, (opening: Opening) => Promise<Opened>>> = {
  async console({ console }) {
    const { consoleChannel } = await import('./console/console.js');
    return console === undefined ? { why: 'there is no terminal' } : { channel: consoleChannel(console) };
  },
  async email({ word, session }) {
    const [{ emailChannel }, { smtpMailer }] = await Promise.all([
      import('./email/email.js'),
      import('../wire/smtp.js'),
    ]);
    const mailer = smtpMailer(word('SMTP_URL'));
    if (mailer === undefined)
      return { why: 'SMTP_URL must be smtps://user:password@host:465 or smtp://user:password@host:587' };
    const channel = emailChannel({ mailer, from: word('EMAIL_FROM'), to: word('EMAIL_TO'), session });
    return { channel, close: () => mailer.close() };
  },
  async slack({ word, ...parts }) {
    const { slackChannel } = await import('./slack/slack.js');
    return { channel: slackChannel({ ...parts, url: word('SLACK_WEBHOOK') }) };
  },
  async discord({ word, ...parts }) {
    const { discordChannel } = await import('./discord/discord.js');
    return { channel: discordChannel({ ...parts, url: word('DISCORD_WEBHOOK') }) };
  },
  async telegram({ word, http }) {
    const { telegramChannel, TELEGRAM_HOST } = await import('./telegram/telegram.js');
    const base = hostOf(word('TELEGRAM_BASE_URL'), TELEGRAM_HOST);
    if (base === undefined) return { why: badBase('TELEGRAM_BASE_URL') };
    return {
      channel: telegramChannel({ http, token: word('TELEGRAM_BOT_TOKEN'), chatId: word('TELEGRAM_CHAT_ID'), base }),
    };
  },
  sms: (opening) => overTwilio(opening, 'sms'),
  voice: (opening) => overTwilio(opening, 'voice'),
  async webhook({ word, ...parts }) {
    const { webhookChannel } = await import('./webhook/webhook.js');
    return {
      channel: webhookChannel({ ...parts, url: word('WEBHOOK_URL'), secret: word('WEBHOOK_SECRET') || undefined }),
    };
  },
  async ping({ word, ...parts }) {
    const { pingChannel } = await import('./ping/ping.js');
    const watcher = pingChannel({ ...parts, url: word('HEARTBEAT_URL') });
    return { channel: watcher, watcher };
  },
};

async function overTwilio({ word, http }: Opening, which: 'sms' | 'voice'): Promise<Opened> {
  const { smsChannel, voiceChannel, TWILIO_HOST } = await import('./twilio/twilio.js');
  const make = which === 'sms' ? smsChannel : voiceChannel;
  const base = hostOf(word('TWILIO_BASE_URL'), TWILIO_HOST);
  if (base === undefined) return { why: badBase('TWILIO_BASE_URL') };
  const channel = make({
    http,
    accountSid: word('TWILIO_ACCOUNT_SID'),
    authToken: word('TWILIO_AUTH_TOKEN'),
    from: word('TWILIO_FROM'),
    to: word('ALERT_PHONE'),
    base,
  });
  return { channel };
}

async function ownHttp(): Promise<Http & { close(): void }> {
  const { httpClient } = await import('../wire/http.js');
  return httpClient({ bodyCap: 65_536, connections: 4 });
}

/** Stands where only channels without a network are open. */
const NO_NETWORK: Http = {
  send: () => Promise.reject(new Error('no channel of the network is open')),
  lines: () => {
    throw new Error('no channel reads lines');
  },
};

function hostOf(text: string, own: string): string | undefined {
  return text === '' ? own : originOf(text);
}

function badBase(name: string): string {
  return `${name} must be https://host:port, or http://127.0.0.1:port for a server on this machine`;
}

const SECRET_WORDS: ReadonlySet<string> = new Set<SecretWord>([
  'SMTP_URL',
  'SLACK_WEBHOOK',
  'DISCORD_WEBHOOK',
  'TELEGRAM_BOT_TOKEN',
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'WEBHOOK_URL',
  'WEBHOOK_SECRET',
  'HEARTBEAT_URL',
]);

function isSecret(name: SecretWord | PlainWord): name is SecretWord {
  return SECRET_WORDS.has(name);
}
