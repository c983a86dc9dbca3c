/**
 * @file Requests at a constant rate, whether or not the answers keep up, over plain sockets: a load generator with
 * closed loops slows down with its server, and one that sends a second's requests at once asks far more than it says.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface PacedLoad {
  readonly address: URL;
  readonly bodies: readonly string[];
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
}

export interface PacedAnswers {
  /** Milliseconds from when a request was sent to the end of its answer, by status. */
  readonly milliseconds: ReadonlyMap<number, number[]>;
  /** Requests that were due while every connection waited for an answer, and were not sent. */
  readonly unsent: number;
  /** Requests without an answer 30 seconds after the last one was sent. */
  readonly unanswered: number;
}

const PATIENCE_SECONDS = 30;

interface Connection {
  readonly socket: Socket;
  sentAt: number;
  status: number;
  /** Of the answer, as far as its head has come. */
  bytesLeft: number | undefined;
  head: string;
}

/** @throws Error if a connection is lost, or an answer has no length */
export async function askPaced({
  address,
  bodies,
  rate,
  seconds,
  connections,
}: PacedLoad): Promise<PacedAnswers> {
  const requests = bodies.map((body) =>
    Buffer.from(
      `POST ${address.pathname} HTTP/1.1\r\nhost: ${address.host}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  const milliseconds = new Map<number, number[]>();
  const free: Connection[] = [];
  let lost: Error | undefined;
  for (let k = 0; k < connections; k++) {
    const socket = connect({ host: address.hostname, port: Number(address.port), noDelay: true });
    await once(socket, 'connect');
    const connection: Connection = { socket, sentAt: 0, status: 0, bytesLeft: undefined, head: '' };
    socket.on('data', (bytes) => {
      if (!takeAnswer(connection, bytes)) return;
      const times = milliseconds.get(connection.status) ?? [];
      milliseconds.set(connection.status, times);
      times.push(performance.now() - connection.sentAt);
      free.push(connection);
    });
    socket.on('error', (error) => {
      lost = error;
    });
    socket.on('end', () => {
      lost ??= new Error('the server closed a connection');
    });
    free.push(connection);
  }
  const sockets = free.map(({ socket }) => socket);

  let due = 0;
  let unsent = 0;
  const start = performance.now();
  for (let now = start; now < start + 1000 * seconds && !lost; now = performance.now()) {
    for (; due < (rate * (now - start)) / 1000; due++) {
      // The one that was free first, so that all are used.
      const connection = free.shift();
      if (!connection) {
        unsent++;
        continue;
      }
      connection.sentAt = performance.now();
      connection.socket.write(requests[due % requests.length]);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const end = performance.now() + 1000 * PATIENCE_SECONDS;
  while (free.length < connections && performance.now() < end && !lost)
    await new Promise((resolve) => setTimeout(resolve, 10));
  for (const socket of sockets) socket.destroy();
  if (lost) throw lost;
  return { milliseconds, unsent, unanswered: connections - free.length };
}

/** Whether the answer has come to its end. Heads are ASCII, and lengths are always given. */
function takeAnswer(connection: Connection, bytes: Buffer): boolean {
  let length = bytes.length;
  if (connection.bytesLeft === undefined) {
    const before = connection.head.length;
    connection.head += bytes.toString('latin1');
    const end = connection.head.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const [, size] = /\r\ncontent-length: (\d+)/i.exec(connection.head) ?? [];
    if (size === undefined) throw new Error(`an answer without a length: ${connection.head.slice(0, end)}`);
    connection.status = Number(connection.head.slice(9, 12));
    connection.bytesLeft = Number(size);
    length -= end + 4 - before;
  }
  connection.bytesLeft -= length;
  if (connection.bytesLeft > 0) return false;
  connection.bytesLeft = undefined;
  connection.head = '';
  return true;
}
