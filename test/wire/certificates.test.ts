import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../../src/wire/http.js';
import { socketDoor } from '../../src/wire/socket.js';

const canMake = spawnSync('openssl', ['version']).status === 0;
if (!canMake) console.log('skipped: certificates of strangers (openssl is not installed)');

describe.skipIf(!canMake)('a server with a certificate that nobody vouches for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-tls-'));
  const requests: string[] = [];
  let url = '';
  let close = (): unknown => undefined;

  beforeAll(async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-subj', '/CN=localhost'];
    const files = ['-nodes', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...made, ...files], { stdio: 'ignore' });
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      requests.push(String(request.headers['authorization']));
      response.end('{}');
    });
    server.on('upgrade', (request) => requests.push(String(request.url)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `https://localhost:${(server.address() as AddressInfo).port}/v3`;
    close = () => server.close();
  });

  afterAll(() => {
    close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['1', '0'])('is not told the token, whatever NODE_TLS_REJECT_UNAUTHORIZED says: %s', async (value) => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = value;
    const http = httpClient();
    try {
      const request = { method: 'GET', url, headers: { authorization: 'Bearer canary' }, deadlineMs: 5_000 } as const;
      await expect(http.send(request)).rejects.toMatchObject({ why: 'tls', sent: false });
      const socket = { url, connectTo: '127.0.0.1', settleMs: 5_000 };
      await expect(socketDoor().open(socket, new AbortController().signal)).rejects.toMatchObject({ why: 'tls' });
      expect(requests).toEqual([]);
    } finally {
      http.close();
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });
});
