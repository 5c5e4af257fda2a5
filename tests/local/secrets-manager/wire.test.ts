import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/local/secrets-manager/actions/actions.ts';
import { startSecretsManager } from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import { SECRET, startLocal } from './stand-in.ts';

async function send(endpoint: string, action: string, body: unknown) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'X-Amz-Target': `secretsmanager.${action}`, 'Content-Type': 'application/x-amz-json-1.1' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe('the wire', () => {
  it('has times in seconds with fractions, binary values in base64, a request id and the content type', async () => {
    const now = () => new Date('2026-01-02T03:04:05.678Z');
    const { server, client } = await startLocal({ now });
    await client.createSecret({ Name: SECRET, SecretBinary: new Uint8Array([1, 255]) });
    const { status, headers, body } = await send(server.endpoint, 'GetSecretValue', { SecretId: SECRET });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(body).toMatchObject({ SecretBinary: 'Af8=', CreatedDate: 1767323045.678 });
    const read = await client.getSecretValue({ SecretId: SECRET });
    expect(read.CreatedDate).toEqual(now());
    expect(read.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('spells an error of the service as the service does', async () => {
    const { server } = await startLocal();
    expect(await send(server.endpoint, 'GetSecretValue', { SecretId: SECRET })).toMatchObject({
      status: 400,
      body: {
        __type: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      },
    });
  });

  it('refuses an action that it does not have, and lists those that it has', async () => {
    const { server, client } = await startLocal();
    await expect(client.getRandomPassword({})).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringMatching(
        /^GetRandomPassword is not supported .* Supported: BatchGetSecretValue, .*UpdateSecretVersionStage\.$/,
      ),
    });
    const { status, body } = await send(server.endpoint, 'toString', {});
    expect([status, body['__type']]).toEqual([400, 'UnknownOperationException']);
  });

  it('has every action of the service but five, which the page on the local services names', async () => {
    const known = Object.keys(secretsManager).flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? []);
    const missing = known.filter((action) => !Object.hasOwn(actions, action)).sort();
    expect(missing).toEqual([
      'DeleteResourcePolicy',
      'GetRandomPassword',
      'GetResourcePolicy',
      'PutResourcePolicy',
      'ValidateResourcePolicy',
    ]);
    const { server } = await startLocal();
    const page = readFileSync(new URL('../../../docs/local.md', import.meta.url), 'utf8');
    for (const action of missing) {
      const { status, body } = await send(server.endpoint, action, { SecretId: SECRET });
      expect([status, body['__type']]).toEqual([400, 'UnknownOperationException']);
      expect(page).toContain(`\`${action}\``);
    }
  });

  it.each(['CreateSecret', 'UpdateSecret', 'PutSecretValue', 'RotateSecret'])(
    'wants a ClientRequestToken in a bare %s',
    async (action) => {
      const { server, client } = await startLocal();
      if (action !== 'CreateSecret') await client.createSecret({ Name: SECRET, SecretString: 'v' });
      const { body } = await send(server.endpoint, action, { Name: SECRET, SecretId: SECRET, SecretString: 'v' });
      expect(body).toEqual({
        __type: action === 'RotateSecret' ? 'InvalidParameterException' : 'InvalidRequestException',
        Message: 'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
      });
    },
  );

  it.each([
    ['no JSON', '{', 'SerializationException'],
    ['a member of the wrong type', { SecretId: 7 }, 'SerializationException'],
    ['no SecretId', {}, 'ValidationException'],
    ['a name with a blank', { SecretId: 'a b' }, 'ValidationException'],
    ['a version id that is too short', { SecretId: 'a', VersionId: 'x' }, 'ValidationException'],
  ])('refuses a request with %s', async (_name, request, code) => {
    const { server } = await startLocal();
    const { status, body } = await send(server.endpoint, 'GetSecretValue', request);
    expect([status, body['__type']]).toEqual([400, code]);
    expect(body['message']).toEqual(expect.any(String));
  });

  it('never repeats a value in an error', async () => {
    const { server, client } = await startLocal();
    const { VersionId } = await client.createSecret({ Name: SECRET, SecretString: 'hunter2-first' });
    const requests = [
      { SecretId: SECRET, SecretString: 'hunter2', ClientRequestToken: VersionId },
      { SecretId: SECRET, SecretString: 'hunter2', ClientRequestToken: 'hunter2' },
      { SecretId: SECRET, SecretString: ['hunter2'], ClientRequestToken: randomUUID() },
      { SecretId: SECRET, SecretString: 'hunter2'.repeat(10_000), ClientRequestToken: randomUUID() },
      { SecretId: SECRET, SecretString: 'hunter2', RotationToken: 'hunter2', ClientRequestToken: randomUUID() },
    ];
    for (const request of requests) {
      const { status, body } = await send(server.endpoint, 'PutSecretValue', request);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).not.toContain('hunter2');
    }
    expect(JSON.stringify(server.calls)).not.toContain('hunter2');
  });

  it('breaks off a request that is larger than any the service takes', async () => {
    const { server } = await startLocal();
    const request = send(server.endpoint, 'PutSecretValue', { SecretString: 'x'.repeat(2_000_000) });
    await expect(request).rejects.toThrow();
    expect(server.calls).toEqual([expect.objectContaining({ outcome: 'unanswered', effective: false })]);
  });

  it('listens on loopback only, and says so when its port is taken', async () => {
    const { server } = await startLocal();
    expect(server.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const port = Number(new URL(server.endpoint).port);
    await expect(startSecretsManager({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the transcript', () => {
  it('has every call in order of arrival, and tells each when its outcome is known', async () => {
    const at = new Date('2026-01-01T00:00:00Z');
    const { server, client } = await startLocal({ now: () => at });
    const told: unknown[] = [];
    server.subscribe((event) => told.push(event.type === 'call' ? event.call : event.type));
    await client.createSecret({ Name: SECRET, SecretString: 'v' });
    await expect(client.getSecretValue({ SecretId: 'another' })).rejects.toThrow();
    expect(server.calls).toEqual([
      { action: 'CreateSecret', at, outcome: 'ok', effective: true },
      { action: 'GetSecretValue', at, outcome: 'ResourceNotFoundException', effective: false },
    ]);
    expect(told).toEqual(server.calls);
  });
});
