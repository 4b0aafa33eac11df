import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { httpClient } from '../../src/wire/http.js';
import { checkUrl, isPublicAddress, type Resolve } from '../../src/wire/public-address.js';
import { answerText, loopback } from '../helpers/loopback.js';

const PUBLIC = '93.184.216.34';

/** A name server that answers from a list, in turn; the last answer stays. */
function names(...answers: readonly (readonly string[])[]): Resolve & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    return answers[Math.min(asked.length, answers.length) - 1] ?? [];
  };
  return Object.assign(resolve, { asked });
}

describe('a URL for messages', () => {
  it.each([
    ['https://hooks.example.org/services/x?y=1', PUBLIC],
    ['https://HOOKS.Example.org:8443/', PUBLIC],
    ['https://münchen.example.org/', PUBLIC, 'https://xn--mnchen-3ya.example.org/'],
    ['https://93.184.216.34/hook', PUBLIC],
    ['https://[2606:2800:220:1:248:1893:25c8:1946]/', '2606:2800:220:1:248:1893:25c8:1946'],
    ['http://127.0.0.1:8080/hook', '127.0.0.1'],
    ['http://localhost:8080/hook', '127.0.0.1'],
    ['http://[::1]:8080/hook', '::1'],
    ['https://127.0.0.1/', '127.0.0.1'],
  ])('%s may be called, at %s', async (text, address, spelled = text) => {
    expect(await checkUrl(spelled, names([PUBLIC]))).toMatchObject({ kind: 'allowed', address });
  });

  it.each([
    // This machine, spelled so that nobody sees it.
    ['http://2130706433/', 'spelling'],
    ['http://0x7f000001/', 'spelling'],
    ['http://0x7f.0x0.0x0.0x1/', 'spelling'],
    ['http://0177.0.0.1/', 'spelling'],
    ['http://017700000001/', 'spelling'],
    ['http://127.1/', 'spelling'],
    ['http://127.0.1/', 'spelling'],
    ['http://127.0.0.1./', 'spelling'],
    ['http://0/', 'spelling'],
    ['http://①②⑦.⓪.⓪.①/', 'spelling'],
    ['http://１２７.0.0.1/', 'spelling'],
    ['http://127。0。0。1/', 'spelling'],
    ['http://%31%32%37.0.0.1/', 'spelling'],
    ['http://lоcalhost/', 'spelling'],
    ['https://2852039166/', 'spelling'],
    ['https://0xa9fea9fe/', 'spelling'],
    ['https://0251.0376.0251.0376/', 'spelling'],
    ['https://[::ffff:127.0.0.1]/', 'spelling'],
    ['https://[0:0:0:0:0:0:0:1]/', 'spelling'],
    ['https://example.org\\@127.0.0.1/', 'spelling'],
    ['https:\\\\127.0.0.1/', 'spelling'],
    ['https:127.0.0.1', 'spelling'],
    ['https:///127.0.0.1/', 'spelling'],
    ['https://ex\tample.org/', 'spelling'],
    // Not the internet.
    ['https://0.0.0.0/', 'private-address'],
    ['https://10.0.0.1/', 'private-address'],
    ['https://100.64.0.1/', 'private-address'],
    ['https://100.100.100.200/', 'private-address'],
    ['https://169.254.169.254/latest/meta-data/', 'private-address'],
    ['https://168.63.129.16/', 'private-address'],
    ['https://172.16.0.1/', 'private-address'],
    ['https://172.31.255.255/', 'private-address'],
    ['https://192.0.0.192/', 'private-address'],
    ['https://192.0.2.1/', 'private-address'],
    ['https://192.168.1.1/', 'private-address'],
    ['https://198.18.0.1/', 'private-address'],
    ['https://198.51.100.1/', 'private-address'],
    ['https://203.0.113.1/', 'private-address'],
    ['https://224.0.0.1/', 'private-address'],
    ['https://240.0.0.1/', 'private-address'],
    ['https://255.255.255.255/', 'private-address'],
    ['https://[::]/', 'private-address'],
    ['https://[::ffff:7f00:1]/', 'private-address'],
    ['https://[::ffff:a9fe:a9fe]/', 'private-address'],
    ['https://[::7f00:1]/', 'private-address'],
    ['https://[64:ff9b::7f00:1]/', 'private-address'],
    ['https://[2001::1]/', 'private-address'],
    ['https://[2001:db8::1]/', 'private-address'],
    ['https://[2002:7f00:1::]/', 'private-address'],
    ['https://[fc00::1]/', 'private-address'],
    ['https://[fd00:ec2::254]/', 'private-address'],
    ['https://[fe80::1]/', 'private-address'],
    ['https://[fec0::1]/', 'private-address'],
    ['https://[ff02::1]/', 'private-address'],
    // Names that are local by what they are.
    ['https://intranet/', 'local-name'],
    ['https://metadata.google.internal/computeMetadata/v1/', 'local-name'],
    ['https://metadata.google.internal./', 'local-name'],
    ['https://instance-data/', 'local-name'],
    ['https://printer.local/', 'local-name'],
    ['https://app.localhost/', 'local-name'],
    ['https://localhost./', 'local-name'],
    ['https://1.0.0.127.in-addr.arpa/', 'local-name'],
    // Not a web address, or one with a password in it.
    ['http://example.org/', 'scheme'],
    ['http://10.0.0.1/', 'scheme'],
    ['ftp://127.0.0.1/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['gopher://127.0.0.1:6379/_FLUSHALL', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['https://user:pass@example.org/', 'credentials'],
    ['https://example.org@127.0.0.1/', 'credentials'],
    ['https://127.0.0.1:80@example.org/', 'credentials'],
    ['https://[fe80::1%25eth0]/', 'not-a-url'],
    ['https://256.256.256.256/', 'not-a-url'],
    ['https://exa mple.org/', 'not-a-url'],
    ['https://', 'not-a-url'],
    ['//example.org/', 'not-a-url'],
    ['example.org', 'not-a-url'],
    ['', 'not-a-url'],
  ])('%s is refused: %s', async (text, why) => {
    const resolve = names([PUBLIC]);
    expect(await checkUrl(text, resolve)).toEqual({ kind: 'refused', why });
    expect(resolve.asked).toEqual([]);
  });

  it.each([
    ['this machine', ['127.0.0.1']],
    ['this machine in the longer form', ['::1']],
    ['one inside the other', ['::ffff:10.0.0.1']],
    ['a metadata service', ['169.254.169.254']],
    ['a public host and a private one', [PUBLIC, '10.0.0.1']],
    ['a link of this network', ['fe80::1%eth0']],
    ['text that is no address', ['elsewhere.example.org']],
  ])('with a name that means %s is refused', async (_, answer) => {
    const checked = await checkUrl('https://rebind.example.org/', names(answer));
    expect(checked).toEqual({ kind: 'refused', why: 'private-address' });
  });

  it('with a name that means nothing is refused', async () => {
    expect(await checkUrl('https://gone.example.org/', names([]))).toEqual({ kind: 'refused', why: 'dns' });
    const broken = () => Promise.reject(new Error('ESERVFAIL'));
    expect(await checkUrl('https://gone.example.org/', broken)).toEqual({ kind: 'refused', why: 'dns' });
  });

  it('is resolved once: what its name means a moment later does not matter', async () => {
    const resolve = names([PUBLIC], ['127.0.0.1']);
    expect(await checkUrl('https://rebind.example.org/', resolve)).toMatchObject({ address: PUBLIC });
    expect(resolve.asked).toEqual(['rebind.example.org']);
  });
});

describe('a public address', () => {
  it('is none that holds a private one inside, whatever the address', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, (b, c, d) => {
        expect(isPublicAddress(`10.${b}.${c}.${d}`)).toBe(false);
        expect(isPublicAddress(`127.${b}.${c}.${d}`)).toBe(false);
        expect(isPublicAddress(`::ffff:${b}.${c}.${d}.1`)).toBe(false);
        expect(isPublicAddress(`2002:0a${b.toString(16).padStart(2, '0')}::${c.toString(16)}`)).toBe(false);
        expect(isPublicAddress(`fe80::${b.toString(16)}:${c.toString(16)}`)).toBe(false);
      }),
    );
  });

  it.each(['', 'x', '1.2.3', '1.2.3.4.5', '1.2.3.4 ', '2606::1%eth0'])('is not %j', (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});

describe('a request to a checked address', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function scene() {
    const there = await loopback((socket) => socket.write(answerText(200, '{}')));
    const http = httpClient();
    closers.push(
      () => http.close(),
      () => there.close(),
    );
    const url = there.url.replace('127.0.0.1', 'localhost');
    const send = (connectTo: string) => http.send({ method: 'GET', url, headers: {}, deadlineMs: 5_000, connectTo });
    return { there, send };
  }

  it('goes there without asking for the name again', async () => {
    const { there, send } = await scene();
    expect((await send('127.0.0.1')).status).toBe(200);
    expect(there.requests[0]).toContain('Host: localhost:');
  });

  it('goes nowhere else when nobody answers there', async () => {
    const { there, send } = await scene();
    await expect(send('::1')).rejects.toMatchObject({ sent: false });
    expect(there.connections()).toBe(0);
  });

  it('does not go over a connection that was made to another', async () => {
    const { there, send } = await scene();
    await send('127.0.0.1');
    await expect(send('127.0.0.2')).rejects.toMatchObject({ why: 'forbidden-address', sent: false });
    expect(there.requests).toHaveLength(1);
  });
});
