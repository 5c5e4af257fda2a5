import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { startChild } from './child.ts';
import { startFreezable } from './freezable.ts';
import { startStage } from './stage.ts';
import { startTopics } from './topics.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(ROOT, 'docs/examples');

test('they type-check', async () => {
  const compile = promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['--project', 'docs/examples'], {
    cwd: ROOT,
  });
  await expect(compile).resolves.toBeDefined();
});

test('the page on clients has them to the letter', async () => {
  const page = await readFile(join(ROOT, 'docs/client.md'), 'utf8');
  for (const example of ['lambda.ts', 'express.ts', 'topics.ts', 'script.ts']) {
    expect(page).toContain(`\`\`\`ts\n${await readFile(join(EXAMPLES, example), 'utf8')}\`\`\``);
  }
});

test('the script does its work, and ends by itself', async () => {
  const stage = await startStage();
  const script = startChild(stage, 'docs/examples/script.ts');
  expect(await script.ended).toEqual([0, null]);
  expect(script.output().split('\n')).toContain('cache');
});

test('the Lambda function goes on after a freeze in which its key was replaced and revoked', async () => {
  const stage = await startStage();
  stage.momento.createCache('users');
  const code = { contents: "export { handler } from './lambda.ts';", resolveDir: EXAMPLES, loader: 'ts' } as const;
  const { lambda, frozen } = await startFreezable(stage, code, join(EXAMPLES, 'tsconfig.json'));

  expect(await lambda.invoke({ user: 'alice' })).toEqual({ seenBefore: false });
  expect(await lambda.invoke({ user: 'alice' })).toEqual({ seenBefore: true });
  expect(stage.reads()).toBe(1);

  await frozen(async () => {
    await stage.rotate();
    stage.momento.revokeKey(stage.firstKey);
  });
  expect(await lambda.invoke({ user: 'alice' })).toEqual({ seenBefore: true });
  expect(stage.reads()).toBe(2);
  expect(lambda.coldStarts).toBe(1);
});

test('the server serves through a rotation, and ends when it is told to', async () => {
  const stage = await startStage();
  stage.momento.createCache('sessions');
  const port = await freePort();
  const server = startChild(stage, 'docs/examples/express.ts', { PORT: String(port) });
  const session = (init?: RequestInit) => fetch(`http://127.0.0.1:${port}/sessions/1`, init);
  await vi.waitFor(() => session(), { timeout: 60_000 });

  expect((await session({ method: 'PUT', body: '{"user":"alice"}' })).status).toBe(204);
  await stage.rotate();
  stage.momento.revokeKey(stage.firstKey);
  expect(await (await session()).json()).toEqual({ user: 'alice' });
  await server.said('The Momento API key has changed.');

  server.kill('SIGTERM');
  expect(await server.ended).toEqual([0, null]);
  expect(stage.momento.secretsInPlay().filter((secret) => server.output().includes(secret))).toEqual([]);
});

test('the subscription goes on through a rotation, and ends when it is told to', async () => {
  const topics = await startTopics();
  const stage = await startStage(() => topics.secretWith('first'));
  const subscriber = startChild(stage, 'docs/examples/topics.ts');
  const expectSubscribers = (...keys: string[]) =>
    vi.waitFor(() => expect(topics.subscribers()).toEqual(keys), { timeout: 60_000 });

  await expectSubscribers('first');
  topics.publish('pears=3');
  await subscriber.said('pears costs 3');
  await stage.put(topics.secretWith('second'));
  topics.revoke('first');
  await expectSubscribers('second');
  topics.publish('plums=4');
  await subscriber.said('plums costs 4');

  subscriber.kill('SIGTERM');
  expect(await subscriber.ended).toEqual([0, null]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
