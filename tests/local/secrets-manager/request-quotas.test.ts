import { randomUUID } from 'node:crypto';
import { DescribeSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { countRequests, DOCUMENTED_QUOTAS, NO_QUOTAS } from '../../../src/local/secrets-manager/request-quotas.ts';
import { startSecretsManager } from '../../../src/local/secrets-manager/server.ts';

/** A count, on a clock that the test moves. */
function counting() {
  let time = 0;
  const count = countRequests(DOCUMENTED_QUOTAS, () => new Date(time));
  const pass = (ms: number) => {
    time += ms;
  };
  return { count, pass };
}

test('reads share a quota of 10,000 a second, and changes another of 50', () => {
  const { count } = counting();
  for (let read = 0; read < 10_000; read += 1) count(read % 2 === 0 ? 'DescribeSecret' : 'GetSecretValue');
  expect(() => count('GetSecretValue')).toThrow('Rate exceeded');
  for (let change = 0; change < 50; change += 1)
    count(change % 2 === 0 ? 'PutSecretValue' : 'UpdateSecretVersionStage');
  expect(() => count('PutSecretValue')).toThrow('Rate exceeded');
  for (let start = 0; start < 50; start += 1) count('RotateSecret');
  expect(() => count('CancelRotateSecret')).toThrow('Rate exceeded');
});

test('any second counts, and what was throttled does not', () => {
  const { count, pass } = counting();
  for (let change = 0; change < 50; change += 1) {
    count('PutSecretValue');
    if (change === 24) pass(500);
  }
  expect(() => count('PutSecretValue')).toThrow('Rate exceeded');
  pass(500);
  for (let change = 0; change < 25; change += 1) count('PutSecretValue');
  expect(() => count('PutSecretValue')).toThrow('Rate exceeded');
});

test('others are not counted, and nothing is unless it is asked for', () => {
  const { count } = counting();
  const countNothing = countRequests(NO_QUOTAS, () => new Date(0));
  for (let request = 0; request < 200; request += 1) {
    count('ListSecrets');
    countNothing('PutSecretValue');
  }
});

test('a client is told so, and nothing was done', async () => {
  const secretsManager = await startSecretsManager({ requestQuotas: [{ actions: ['PutSecretValue'], perSecond: 0 }] });
  const client = new SecretsManagerClient({ ...secretsManager.connection, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    await secretsManager.close();
  });
  secretsManager.look('CreateSecret', { Name: 'a', SecretString: 'first', ClientRequestToken: randomUUID() });

  await expect(client.send(new PutSecretValueCommand({ SecretId: 'a', SecretString: 'next' }))).rejects.toMatchObject({
    name: 'ThrottlingException',
    message: 'Rate exceeded',
  });
  expect(secretsManager.look('GetSecretValue', { SecretId: 'a' }).SecretString).toBe('first');
  expect((await client.send(new DescribeSecretCommand({ SecretId: 'a' }))).Name).toBe('a');
});
