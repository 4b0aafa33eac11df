import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../src/core/base/rng.js';
import { isAllowedUrl, isLoopback, originOf } from '../../src/wire/address.js';
import { linesOf } from '../../src/wire/lines.js';
import { type Http, type HttpAnswer, type HttpRequest, WireError } from '../../src/wire/message.js';
import { rateLimited } from '../../src/wire/rate-limit.js';
import { redacted } from '../../src/wire/redact.js';
import { retryAfterMs, retrying } from '../../src/wire/retry.js';
import { virtualTime } from '../helpers/virtual-time.js';

const ok: HttpAnswer = { status: 200, headers: {}, body: '{}' };
const request = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: 'https://venue.example/v3',
  headers: {},
  deadlineMs: 1_000,
  ...more,
});

/** A network that gives these one after the other, the last one for ever. */
function scripted(...script: readonly (HttpAnswer | WireError)[]): Http & { readonly seen: HttpRequest[] } {
  const seen: HttpRequest[] = [];
  return {
    seen,
    async send(one) {
      seen.push(one);
      const next = script[Math.min(seen.length, script.length) - 1] ?? ok;
      if (next instanceof WireError) throw next;
      return next;
    },
    async *lines() {
      yield 'a line';
    },
  };
}

describe('a rate limit', () => {
  it('lets a burst leave at once and the rest at its rate', async () => {
    const time = virtualTime();
    const at: number[] = [];
    const http = rateLimited(scripted(ok), { perSecond: 10, burst: 10, reservedShare: 0.3 }, time);
    await Promise.all(Array.from({ length: 27 }, () => http.send(request()).then(() => at.push(time.mono()))));
    expect(at.filter((ms) => ms === 0)).toHaveLength(7);
    expect(at.at(-1)).toBe(2_000);
  });

  it('keeps 3 of 10 for what is urgent, however much data waits', async () => {
    const time = virtualTime();
    const urgentAt: number[] = [];
    const http = rateLimited(scripted(ok), { perSecond: 10, burst: 10, reservedShare: 0 }, time);
    const data = Array.from({ length: 50 }, () => http.send(request()));
    const urgent = [1, 2, 3].map(() => http.send(request({ urgent: true })).then(() => urgentAt.push(time.mono())));
    await Promise.all([...data, ...urgent]);
    expect(urgentAt).toEqual([0, 0, 0]);
  });

  it('slows down to its reserve when the other side says that it was too much', async () => {
    const time = virtualTime();
    const http = rateLimited(
      scripted({ ...ok, status: 429 }, ok),
      { perSecond: 10, burst: 10, reservedShare: 0.3 },
      time,
    );
    await http.send(request());
    await http.send(request());
    expect(time.mono()).toBe(100);
  });

  it('refuses what would wait behind a thousand others, never what is urgent', async () => {
    const time = virtualTime();
    const http = rateLimited(scripted(ok), { perSecond: 1_000, burst: 10, reservedShare: 0.3 }, time);
    const waiting = Array.from({ length: 1_000 }, () => http.send(request()));
    await expect(http.send(request())).rejects.toMatchObject({ why: 'rate-queue-full', sent: false });
    await Promise.all([...waiting, http.send(request({ urgent: true }))]);
  });
});

describe('a repeat', () => {
  const options = (time = virtualTime()) => ({ clock: time, wait: time.wait, rng: seededRng(1), time });

  it.each`
    given                         | first                                        | times
    ${'an answer'}                | ${ok}                                        | ${1}
    ${'a status that passes'}     | ${{ ...ok, status: 503 }}                    | ${4}
    ${'too many requests'}        | ${{ ...ok, status: 429 }}                    | ${4}
    ${'a status that stays'}      | ${{ ...ok, status: 404 }}                    | ${1}
    ${'no answer'}                | ${new WireError('timeout', true)}            | ${4}
    ${'nobody there'}             | ${new WireError('refused', false)}           | ${4}
    ${'an address not for us'}    | ${new WireError('forbidden-address', false)} | ${1}
    ${'a body that is too large'} | ${new WireError('too-large', true)}          | ${1}
  `('of a read after $given: sent $times times', async ({ first, times }) => {
    const http = scripted(first);
    await retrying(http, options())
      .send(request())
      .catch(() => undefined);
    expect(http.seen).toHaveLength(times);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('of a %s never happens', async (method) => {
    for (const first of [new WireError('timeout', true), new WireError('refused', false), { ...ok, status: 503 }]) {
      const http = scripted(first, ok);
      await retrying(http, options())
        .send(request({ method }))
        .catch(() => undefined);
      expect(http.seen).toHaveLength(1);
    }
  });

  it('ends with the answer that came at last', async () => {
    const http = scripted({ ...ok, status: 503 }, new WireError('reset', true), ok);
    expect(await retrying(http, options()).send(request())).toEqual(ok);
  });

  it('comes no earlier than asked for, and no later than 8 s', async () => {
    const time = virtualTime();
    const pausing = (value: string): HttpAnswer => ({ ...ok, status: 429, headers: { 'retry-after': value } });
    await retrying(scripted(pausing('3'), pausing('999999'), ok), options(time)).send(request());
    expect(time.waits).toEqual([3_000, 8_000]);
  });

  it.each`
    header                             | ms
    ${'2'}                             | ${2_000}
    ${'0.5'}                           | ${500}
    ${'-5'}                            | ${undefined}
    ${'0'}                             | ${undefined}
    ${'1e9'}                           | ${undefined}
    ${'99999999999999999999'}          | ${8_000}
    ${'Wed, 10 Jan 2024 00:00:04 GMT'} | ${4_000}
    ${'Wed, 10 Jan 2020 00:00:04 GMT'} | ${undefined}
    ${'Wed, 10 Jan 2044 00:00:04 GMT'} | ${8_000}
    ${'soon'}                          | ${undefined}
    ${''}                              | ${undefined}
  `('asked for with "$header" waits $ms ms', ({ header, ms }) => {
    expect(retryAfterMs(header, Date.UTC(2024, 0, 10))).toBe(ms);
  });
});

describe('a message', () => {
  it.each([
    'Authorization: Bearer canary.secret-value-123',
    'authorization=canarysecretvalue',
    '{"token":"canary-secret"}',
    'https://host/v3?token=canary-secret&x=1',
    'https://host/v3?apikey=canary-secret',
    'https://api.telegram.org/bot123:canary-secret/sendMessage',
    'https://user:canary-secret@host/',
    'https://hooks.slack.com/services/T0/B0/canary',
    'https://discord.com/api/webhooks/1/canary',
    'Basic canary1234==',
  ])('hides the secret of %s', (text) => {
    expect(redacted(text)).not.toContain('canary');
  });

  it('is left alone where nothing is secret, and cut where it is long', () => {
    expect(redacted('UNITS_INVALID: the units are 5')).toBe('UNITS_INVALID: the units are 5');
    expect(redacted('x'.repeat(1_000))).toHaveLength(301);
  });
});

describe('an address', () => {
  it.each`
    url                                | allowed  | origin
    ${'https://api.example.com'}       | ${true}  | ${'https://api.example.com'}
    ${'https://api.example.com:8443/'} | ${true}  | ${'https://api.example.com:8443'}
    ${'https://api.example.com/v3'}    | ${true}  | ${undefined}
    ${'https://api.example.com/?a=1'}  | ${true}  | ${undefined}
    ${'http://127.0.0.1:4010'}         | ${true}  | ${'http://127.0.0.1:4010'}
    ${'http://127.1'}                  | ${true}  | ${'http://127.0.0.1'}
    ${'http://2130706433/'}            | ${true}  | ${'http://127.0.0.1'}
    ${'http://[::1]:80/'}              | ${true}  | ${'http://[::1]'}
    ${'http://localhost:1'}            | ${true}  | ${'http://localhost:1'}
    ${'http://0.0.0.0/'}               | ${false} | ${undefined}
    ${'http://169.254.169.254/'}       | ${false} | ${undefined}
    ${'http://localhost.example.com/'} | ${false} | ${undefined}
    ${'https://u:p@api.example.com/'}  | ${false} | ${undefined}
    ${'file:///etc/passwd'}            | ${false} | ${undefined}
    ${'api.example.com'}               | ${false} | ${undefined}
  `('$url is allowed: $allowed', ({ url, allowed, origin }) => {
    expect(isAllowedUrl(url)).toBe(allowed);
    expect(originOf(url)).toBe(origin);
  });

  it('of this machine is known in each form', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', '[::1]', '::ffff:127.0.0.1'].every(isLoopback)).toBe(true);
    expect(['10.0.0.1', '::', '128.0.0.1', '', '127.0.0.1.example.com'].some(isLoopback)).toBe(false);
  });
});

describe('lines of any text', () => {
  it('are the same however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, '')),
          { maxLength: 8 },
        ),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }),
        async (texts, sizes) => {
          const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
          async function* chunks() {
            for (let at = 0, i = 0; at < bytes.length; i++) {
              const size = sizes[i % sizes.length] ?? 1;
              yield bytes.subarray(at, at + size);
              at += size;
            }
          }
          const lines: string[] = [];
          for await (const line of linesOf(chunks(), 10_000, () => undefined)) lines.push(line);
          const whole = texts.map((text) => text.trim().replace(/^\uFEFF/, '')).filter((text) => text !== '');
          expect(lines.map((line) => line.replace(/^\uFEFF/, '')).filter((line) => line !== '')).toEqual(whole);
        },
      ),
      { numRuns: 300 },
    );
  });
});
