import { describe, expect, it } from 'vitest';
import { capabilitiesOf, openVenue, venues } from '../../src/brokers/registry.js';
import { seededRng } from '../../src/core/base/rng.js';
import { aSandbox } from '../helpers/oanda-sandbox.js';
import { fakeHttp, sandboxHttp } from '../helpers/oanda-wire.js';
import { virtualTime } from '../helpers/virtual-time.js';

const WHOLE: Readonly<Record<string, string>> = {
  OANDA_TOKEN: 'canary-token-0123456789',
  OANDA_ACCOUNT_ID: '101-004-1234567-001',
  OANDA_ENV: 'practice',
};

function surroundings(values: Readonly<Record<string, string | undefined>>, http = sandboxHttp(aSandbox())) {
  const time = virtualTime();
  return {
    secrets: {
      get: (name: string) => {
        const value = values[name];
        return value === undefined ? undefined : { reveal: () => value };
      },
      plain: (name: string) => values[name],
    },
    clock: time,
    stopwatch: time,
    wait: time.wait,
    rng: seededRng(1),
    http,
  };
}

describe('opening a venue', () => {
  it.each(['OANDA_TOKEN', 'OANDA_ACCOUNT_ID'])('without %s names what is missing', async (name) => {
    for (const value of [undefined, '']) {
      await expect(openVenue('oanda', surroundings({ ...WHOLE, [name]: value }))).rejects.toMatchObject({
        code: 'CONFIG.MISSING_SECRET',
        message: expect.stringContaining(name),
      });
    }
  });

  it.each`
    name                  | value                         | code
    ${'OANDA_ENV'}        | ${'Practice'}                 | ${'CONFIG.WRONG_ENVIRONMENT'}
    ${'OANDA_BASE_URL'}   | ${'https://host.example/v3'}  | ${'CONFIG.BAD_URL'}
    ${'OANDA_BASE_URL'}   | ${'http://host.example'}      | ${'CONFIG.BAD_URL'}
    ${'OANDA_STREAM_URL'} | ${'https://u:p@host.example'} | ${'CONFIG.BAD_URL'}
    ${'OANDA_TOKEN'}      | ${'abc def'}                  | ${'CONFIG.BAD_SECRET'}
    ${'OANDA_TOKEN'}      | ${'abcdef\r\nx-evil: 1'}      | ${'CONFIG.BAD_SECRET'}
    ${'OANDA_ACCOUNT_ID'} | ${'101-004\n'}                | ${'CONFIG.BAD_SECRET'}
  `('with $name=$value is $code', async ({ name, value, code }) => {
    await expect(openVenue('oanda', surroundings({ ...WHOLE, [name]: value }))).rejects.toMatchObject({ code });
  });

  it.each`
    values                                                                                     | rest                                  | stream
    ${{}}                                                                                      | ${'https://api-fxpractice.oanda.com'} | ${'https://stream-fxpractice.oanda.com'}
    ${{ OANDA_ENV: 'live', OANDA_ACCOUNT_ID: '001-004-1234567-001' }}                          | ${'https://api-fxtrade.oanda.com'}    | ${'https://stream-fxtrade.oanda.com'}
    ${{ OANDA_BASE_URL: 'http://127.0.0.1:4010' }}                                             | ${'http://127.0.0.1:4010'}            | ${'http://127.0.0.1:4010'}
    ${{ OANDA_BASE_URL: 'http://127.0.0.1:4010/', OANDA_STREAM_URL: 'http://127.0.0.1:4011' }} | ${'http://127.0.0.1:4010'}            | ${'http://127.0.0.1:4011'}
  `('with $values talks to $rest and listens to $stream', async ({ values, rest, stream }) => {
    const http = fakeHttp(
      () => ({ status: 404, headers: {}, body: '' }),
      ['{"type":"HEARTBEAT","time":"2024-01-10T15:00:00Z"}'],
    );
    const venue = await openVenue('oanda', surroundings({ ...WHOLE, ...values }, http));
    await venue.positions().catch(() => undefined);
    for await (const _ of venue.events(new AbortController().signal)) break;
    expect(http.seen.map((request) => new URL(request.url).origin)).toEqual([rest, stream]);
  });

  it('that nobody knows says which there are', async () => {
    await expect(openVenue('oandaa', surroundings({}))).rejects.toMatchObject({
      code: 'USAGE.UNKNOWN_VENUE',
      next: expect.stringContaining('oanda'),
    });
    expect(capabilitiesOf('oandaa')).toBeUndefined();
    expect(venues().map((venue) => venue.name)).toContain('oanda');
  });

  it('sends nothing by itself, and repeats a read that met a passing trouble', async () => {
    let n = 0;
    const http = fakeHttp(() =>
      n++ < 2
        ? { status: 503, headers: {}, body: '' }
        : { status: 200, headers: {}, body: '{"positions":[],"lastTransactionID":"1"}' },
    );
    const venue = await openVenue('oanda', surroundings(WHOLE, http));
    expect(http.seen).toEqual([]);
    expect(await venue.positions()).toEqual([]);
    expect(http.seen).toHaveLength(3);
    expect(http.seen.every((request) => !request.url.includes('canary'))).toBe(true);
  });

  it('says nothing of the token when it fails', async () => {
    const http = fakeHttp(() => ({
      status: 400,
      headers: {},
      body: '{"errorMessage":"no: Authorization: Bearer canary-token-0123456789"}',
    }));
    const venue = await openVenue('oanda', surroundings(WHOLE, http));
    const error = await venue.account().catch((thrown: unknown) => thrown);
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 20 })).not.toContain('canary');
    expect(inspect(venue, { depth: 20, showHidden: true })).not.toContain('canary');
  });
});
