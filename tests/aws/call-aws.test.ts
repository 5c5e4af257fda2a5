import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { secretsManagerStore } from '../../src/aws/secrets-manager.ts';

async function store(answer: (response: ServerResponse) => unknown) {
  const server = createServer((_, response) => void answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = new SecretsManagerClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  return secretsManagerStore(client);
}

test.each([200, 400, 500])('HTTP %i with a body that comes drop by drop is not waited for', async (status) => {
  const startedAt = performance.now();
  let closed: Promise<unknown> | undefined;
  const secrets = await store(async (response) => {
    closed = once(response, 'close');
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
    for (let drop = 0; drop < 600 && !response.destroyed; drop += 1) {
      response.write(' ');
      await sleep(100);
    }
    response.end('{}');
  });
  await expect(secrets.getCurrent('secret', 500)).rejects.toMatchObject({
    failure: 'transient',
    code: 'TimeoutError',
    mayHaveWorked: true,
  });
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  await closed;
});
