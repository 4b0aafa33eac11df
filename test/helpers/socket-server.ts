import { createHash } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { loopback } from './loopback.js';

export interface SocketServer {
  /** With `http`, as base URLs are given. */
  readonly url: string;
  /** Connections that were ever made. */
  readonly made: readonly WebSocket[];
  close(): Promise<void>;
}

/** A real server for conversations on this machine. */
export async function socketServer(onConnection: (socket: WebSocket) => void): Promise<SocketServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const made: WebSocket[] = [];
  server.on('connection', (socket) => {
    made.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    made,
    close: () =>
      new Promise((done) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => done());
      }),
  };
}

/** A server that takes up the conversation properly and then speaks raw bytes: frames that no library would send. */
export function rawSocketServer(speak: (socket: Socket) => void) {
  return loopback((socket, request) => {
    const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1] ?? '';
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Go\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    speak(socket);
  });
}

/** A frame of a server: first byte, then a length of 64 bits if it is long, then the payload. */
export function frame(firstByte: number, payload: Buffer, saidLength = BigInt(payload.length)): Buffer {
  const head = Buffer.alloc(10);
  head[0] = firstByte;
  head[1] = 127;
  head.writeBigUInt64BE(saidLength, 2);
  return Buffer.concat([head, payload]);
}
