import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, type Http2Session } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compiled } from '../programs.ts';
import type { Call, ProbeReport } from './bodies-probe.ts';

/**
 * A Momento whose answers begin well. Each is met by a process of its own, whose memory can be measured, and which collects
 * its garbage all the time: what holds a deadline must not be part of that.
 */

const MIB = Buffer.alloc(2 ** 20, ' ');

/** The most that a call may take, of 200 MB. */
const MOST_MIB = 64;
/** The service goes on for a minute; how busy the machine is makes no such difference. */
const MOST_MS = 30_000;

async function meet(server: Server, call: Call, timeoutMs: number): Promise<ProbeReport> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--expose-gc', compiled('tests/momento/bodies-probe.ts')],
    ...[call, address, String(timeoutMs)],
  ]);
  return JSON.parse(stdout) as ProbeReport;
}

/** What is sent for a minute, as long as somebody is there. */
async function drip(answer: Writable): Promise<void> {
  for (let drop = 0; drop < 600 && !answer.destroyed; drop += 1) {
    answer.write(' ');
    await sleep(100);
  }
  answer.end();
}

/** 200 MB, as long as somebody is there. */
async function flood(answer: Writable): Promise<void> {
  for (let sent = 0; sent < 200 && !answer.destroyed; sent += 1) {
    if (!answer.write(MIB)) await Promise.race([once(answer, 'drain'), once(answer, 'close')]);
  }
  answer.end();
}

describe.each([200, 429, 500])('HTTP %i', (status) => {
  const reason = (ofBody: string) => (status === 200 ? ofBody : `HTTP ${status}`);
  const answering = (send: (answer: Writable) => Promise<void>) =>
    createServer((_, response) => {
      response.writeHead(status).flushHeaders();
      void send(response).catch(() => response.destroy());
    });

  test('with a body that comes drop by drop is not waited for', async () => {
    const report = await meet(answering(drip), 'list', 1000);
    expect(report).toMatchObject({ reason: reason('TimeoutError') });
    expect(report.elapsedMs).toBeLessThan(MOST_MS);
  });

  test('with a body of 200 MB is not taken in', async () => {
    const report = await meet(answering(flood), 'list', 60_000);
    expect(report).toMatchObject({ reason: reason('RESPONSE_TOO_LARGE') });
    expect(report.grownMiB).toBeLessThan(MOST_MIB);
  });
});

test('a body that is packed, and would become 200 MB, is not unpacked', async () => {
  const packed = gzipSync(Buffer.alloc(200 * 2 ** 20, ' '));
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed);
  });
  const report = await meet(server, 'list', 60_000);
  expect(report).toMatchObject({ reason: 'MALFORMED_RESPONSE' });
  expect(report.grownMiB).toBeLessThan(MOST_MIB);
});

describe.each<Call>(['ping', 'refresh'])('gRPC: %s', (call) => {
  /** @param length what the message says of itself */
  const answering = (length: number, send: (answer: Writable) => Promise<void>) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(length, 1);
    const sessions: Http2Session[] = [];
    onTestFinished(() => {
      for (const session of sessions) session.destroy();
    });
    return createHttp2Server()
      .on('session', (session) => sessions.push(session))
      .on('stream', (stream) => {
        stream.on('error', () => {});
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(head);
        void send(stream).catch(() => stream.destroy());
      });
  };

  test('with a message that comes drop by drop is not waited for', async () => {
    const report = await meet(answering(1000, drip), call, 1000);
    expect(report).toMatchObject({ reason: 'TIMEOUT_ERROR' });
    expect(report.elapsedMs).toBeLessThan(MOST_MS);
  });

  test('with a message of 200 MB is not taken in', async () => {
    const report = await meet(answering(200 * 2 ** 20, flood), call, 20_000);
    expect(report.reason).toMatch(/LIMIT_EXCEEDED_ERROR|TIMEOUT_ERROR|CANCELLED/);
    expect(report.grownMiB).toBeLessThan(MOST_MIB);
  });

  test('with 200 MB of messages is not taken in', async () => {
    const report = await meet(answering(1, flood), call, 20_000);
    expect(report.reason).not.toBe('none');
    expect(report.grownMiB).toBeLessThan(MOST_MIB);
  });
});
