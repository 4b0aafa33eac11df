import { SMTPServer } from 'smtp-server';
import { type Arrival, type LoopbackServer, listen, type Responder } from '../../src/wire/server.js';

/** How a stand-in of a channel behaves. */
export type Mood = 'healthy' | 'dead' | 'slow' | 'lying' | 'throttled' | 'gone' | 'garbage' | 'redirects';

export interface Letter {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

const TEXT = { 'content-type': 'text/plain' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Every channel of the network on loopback: one HTTP server for all of them, and a mail server. */
export async function alertStandIns(): Promise<{
  readonly arrivals: Arrival[];
  readonly letters: Letter[];
  mood: Mood;
  readonly env: Readonly<Record<string, string>>;
  /** Requests whose path begins so. */
  to(path: string): readonly Arrival[];
  close(): Promise<void>;
}> {
  const arrivals: Arrival[] = [];
  const letters: Letter[] = [];
  const state = { mood: 'healthy' as Mood };
  const server: LoopbackServer = await listen((arrival, responder) => {
    arrivals.push(arrival);
    answer(state.mood, arrival, responder);
  });
  const mail = new SMTPServer({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) =>
      auth.username === 'desk' && auth.password === 'S3cr+t/mail'
        ? done(null, { user: 'desk' })
        : done(new Error('no')),
    onData(stream, session, done) {
      let raw = '';
      stream.on('data', (chunk) => {
        raw += String(chunk);
      });
      stream.on('end', () => {
        if (state.mood === 'slow') return;
        const trouble = (code: number) => done(Object.assign(new Error('not now'), { responseCode: code }));
        if (state.mood === 'throttled' || state.mood === 'dead') return trouble(451);
        if (state.mood === 'gone') return trouble(550);
        const { mailFrom, rcptTo } = session.envelope;
        letters.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw,
        });
        done();
      });
    },
  });
  await new Promise<void>((done) => mail.listen(0, '127.0.0.1', () => done()));
  const address = mail.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    arrivals,
    letters,
    get mood() {
      return state.mood;
    },
    set mood(mood) {
      state.mood = mood;
    },
    env: {
      SMTP_URL: `smtp://desk:${encodeURIComponent('S3cr+t/mail')}@127.0.0.1:${port}`,
      EMAIL_FROM: 'desk@example.org',
      EMAIL_TO: 'trader@example.org',
      SLACK_WEBHOOK: `${server.url}/services/T0/B0/slacksecret9`,
      DISCORD_WEBHOOK: `${server.url}/api/webhooks/1/discordsecret9`,
      TELEGRAM_BOT_TOKEN: '123456:telegramsecret9',
      TELEGRAM_CHAT_ID: '-1001',
      TELEGRAM_BASE_URL: server.url,
      TWILIO_ACCOUNT_SID: 'ACtwiliosid0000000000000000000009',
      TWILIO_AUTH_TOKEN: 'twiliosecret9',
      TWILIO_FROM: '+15550001',
      TWILIO_BASE_URL: server.url,
      ALERT_PHONE: '+15550002',
      WEBHOOK_URL: `${server.url}/hook/webhooksecret9`,
      WEBHOOK_SECRET: 'hmacsecret9',
      HEARTBEAT_URL: `${server.url}/ping/pingsecret9`,
    },
    to: (path) => arrivals.filter((one) => one.path.startsWith(path)),
    async close() {
      await server.close();
      await new Promise<void>((done) => mail.close(() => done()));
    },
  };
}

function answer(mood: Mood, { path }: Arrival, responder: Responder): void {
  if (mood === 'dead') responder.reset();
  else if (mood !== 'slow') responder.reply(...replyOf(mood, path));
}

function replyOf(mood: Mood, path: string): Parameters<Responder['reply']> {
  if (mood === 'lying') return [200, TEXT, 'no_such_thing'];
  if (mood === 'garbage') return [500, TEXT, `\u0000{"ok":${'['.repeat(10_000)}`];
  if (mood === 'gone') return [404, JSON_TYPE, '{"message":"Unknown Webhook","code":10015}'];
  if (mood === 'redirects') return [302, { location: 'http://169.254.169.254/latest' }, ''];
  if (mood === 'throttled') {
    const body = { message: 'You are being rate limited.', retry_after: 64.57, global: false };
    return [429, { ...JSON_TYPE, 'retry-after': '65' }, JSON.stringify(body)];
  }
  if (path.startsWith('/services/')) return [200, TEXT, 'ok'];
  if (path.startsWith('/api/webhooks/')) return [200, JSON_TYPE, '{"id":"112233","type":0}'];
  if (path.startsWith('/bot')) return [200, JSON_TYPE, '{"ok":true,"result":{"message_id":7}}'];
  if (path.startsWith('/2010-04-01/')) return [201, JSON_TYPE, '{"sid":"SM0123","status":"queued"}'];
  return [200, TEXT, ''];
}
