import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProbeReport } from './api-keys-probe.ts';

/**
 * A service whose answers begin well. Each is met by a process of its own, whose memory can be measured, and which collects
 * its garbage all the time: what holds a deadline must not be part of that.
 */

const probe = fileURLToPath(new URL('./api-keys-probe.ts', import.meta.url));
const MIB = Buffer.alloc(2 ** 20, ' ');

/** The most that a call may take, of 200 MB. */
const MOST_MIB = 64;
/** The service goes on for a minute; how busy the machine is makes no such difference. */
const MOST_MS = 30_000;

async function meet(answer: (response: ServerResponse) => Promise<void>, timeoutMs: number): Promise<ProbeReport> {
  let isLeft: Promise<unknown> | undefined;
  const server = createServer((_, response) => {
    isLeft = once(response, 'close');
    answer(response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--import',
    'tsx',
    probe,
    endpoint,
    String(timeoutMs),
  ]);
  // It is not only not listened to: the connection is closed.
  await isLeft;
  return JSON.parse(stdout) as ProbeReport;
}

async function drip(response: ServerResponse): Promise<void> {
  response.flushHeaders();
  for (let drop = 0; drop < 600 && !response.destroyed; drop += 1) {
    response.write(' ');
    await sleep(100);
  }
  response.end('{}');
}

async function flood(response: ServerResponse): Promise<void> {
  for (let sent = 0; sent < 200 && !response.destroyed; sent += 1) {
    if (!response.write(MIB)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end('{}');
}

describe.each([200, 429, 500])('HTTP %i', (status) => {
  const reason = (ofBody: string) => (status === 200 ? ofBody : `HTTP ${status}`);

  test('with a body that comes drop by drop is not waited for', async () => {
    const report = await meet((response) => drip(response.writeHead(status)), 1000);
    expect(report).toMatchObject({ reason: reason('TimeoutError') });
    expect(report.elapsedMs).toBeLessThan(MOST_MS);
  });

  test('with a body of 200 MB is not taken in', async () => {
    const report = await meet((response) => flood(response.writeHead(status)), 60_000);
    expect(report).toMatchObject({ reason: reason('RESPONSE_TOO_LARGE') });
    expect(report.grownMiB).toBeLessThan(MOST_MIB);
  });
});

test('a body that is packed, and would become 200 MB, is not unpacked', async () => {
  const packed = gzipSync(Buffer.alloc(200 * 2 ** 20, ' '));
  const report = await meet(async (response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed);
  }, 60_000);
  expect(report).toMatchObject({ reason: 'MALFORMED_RESPONSE' });
  expect(report.grownMiB).toBeLessThan(MOST_MIB);
});
