import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Fault } from '../../../src/local/faults.ts';
import type { AwsError } from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import { SECRET, startLocal } from './stand-in.ts';

const throttled: AwsError = { code: 'ThrottlingException', message: 'Rate exceeded' };
const internal: AwsError = {
  code: 'InternalServiceError',
  message: 'An error occurred on the server side.',
  status: 500,
};

async function withSecret() {
  const local = await startLocal();
  await local.client.createSecret({ Name: SECRET, SecretString: 'first' });
  const put = (signal = AbortSignal.timeout(30_000)) =>
    local.client.putSecretValue({ SecretId: SECRET, SecretString: 'second' }, { abortSignal: signal });
  const value = async () => (await local.client.getSecretValue({ SecretId: SECRET })).SecretString;
  return { ...local, put, value };
}

describe.each([
  ['before', 'first', false],
  ['after', 'second', true],
] as const)('a fault %s the effect', (at, stored, effective) => {
  it.each([throttled, internal])('answers with the error $code', async (error) => {
    const { server, put, value } = await withSecret();
    const fault: Fault<AwsError> = { call: 'PutSecretValue', at, mishap: { kind: 'error', error } };
    server.faults.add(fault);
    await expect(put()).rejects.toMatchObject({
      name: error.code,
      message: error.message,
      $metadata: { httpStatusCode: error.status ?? 400 },
    });
    expect(await value()).toBe(stored);
    expect(server.calls[1]).toMatchObject({ action: 'PutSecretValue', outcome: error.code, effective, fault });
  });

  it('never answers, until the caller gives up', async () => {
    const { server, put, value } = await withSecret();
    server.faults.add({ call: 'PutSecretValue', at, mishap: { kind: 'silence' } });
    const told = new Promise((resolve) => server.subscribe(resolve));
    const caller = new AbortController();
    const answer = put(caller.signal);
    await told;
    caller.abort();
    await expect(answer).rejects.toThrow();
    expect(await value()).toBe(stored);
    expect(server.calls[1]).toMatchObject({ outcome: 'unanswered', effective });
  });

  it('resets the connection', async () => {
    const { server, put, value } = await withSecret();
    server.faults.add({ call: 'PutSecretValue', at, mishap: { kind: 'disconnect' } });
    await expect(put()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await value()).toBe(stored);
    expect(server.calls[1]).toMatchObject({ outcome: 'unanswered', effective });
  });

  it('answers with bytes that are no JSON', async () => {
    const { server, put, value } = await withSecret();
    server.faults.add({ call: 'PutSecretValue', at, mishap: { kind: 'malformed' } });
    await expect(put()).rejects.toThrow(SyntaxError);
    expect(await value()).toBe(stored);
    expect(server.calls[1]).toMatchObject({ outcome: 'malformed', effective });
  });

  it('answers late, but as usual', async () => {
    const { server, put, value } = await withSecret();
    server.faults.add({ call: 'PutSecretValue', at, mishap: { kind: 'delay', ms: 5 } });
    await put();
    expect(await value()).toBe('second');
    expect(server.calls[1]).toMatchObject({ outcome: 'ok', effective: true });
  });
});

describe('faults', () => {
  it('strike every action', async () => {
    const { server, client } = await startLocal();
    const SecretId = SECRET;
    const versionId = randomUUID();
    const calls: Record<string, () => Promise<unknown>> = {
      BatchGetSecretValue: () => client.batchGetSecretValue({ SecretIdList: [SecretId] }),
      CancelRotateSecret: () => client.cancelRotateSecret({ SecretId }),
      CreateSecret: () => client.createSecret({ Name: SecretId }),
      DeleteSecret: () => client.deleteSecret({ SecretId }),
      DescribeSecret: () => client.describeSecret({ SecretId }),
      GetSecretValue: () => client.getSecretValue({ SecretId }),
      ListSecretVersionIds: () => client.listSecretVersionIds({ SecretId }),
      ListSecrets: () => client.listSecrets({}),
      PutSecretValue: () => client.putSecretValue({ SecretId, SecretString: 'v' }),
      RestoreSecret: () => client.restoreSecret({ SecretId }),
      RotateSecret: () => client.rotateSecret({ SecretId }),
      TagResource: () => client.tagResource({ SecretId, Tags: [] }),
      UntagResource: () => client.untagResource({ SecretId, TagKeys: [] }),
      UpdateSecret: () => client.updateSecret({ SecretId }),
      UpdateSecretVersionStage: () =>
        client.updateSecretVersionStage({ SecretId, VersionStage: 'mine', MoveToVersionId: versionId }),
    };
    for (const [call, send] of Object.entries(calls)) {
      server.faults.add({ call, mishap: { kind: 'error', error: throttled } });
      await expect(send(), call).rejects.toThrow('Rate exceeded');
    }
    expect(server.calls.map((call) => call.action)).toEqual(Object.keys(calls));
  });

  it('let the SDK retry what it retries by itself', async () => {
    const { server } = await startLocal();
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new SecretsManager({ endpoint: server.endpoint, region: server.region, credentials });
    onTestFinished(() => client.destroy());
    server.faults.add({ call: 'CreateSecret', at: 'after', mishap: { kind: 'error', error: internal } });
    const created = await client.createSecret({ Name: SECRET, SecretString: 'v' });
    expect(server.calls.map((call) => call.outcome)).toEqual(['InternalServiceError', 'ok']);
    const { Versions } = await client.listSecretVersionIds({ SecretId: SECRET });
    expect(Versions?.map((version) => version.VersionId)).toEqual([created.VersionId]);
  });

  it('do not keep the server from closing', async () => {
    const { server, put } = await withSecret();
    server.faults.add(
      { call: 'PutSecretValue', mishap: { kind: 'silence' } },
      { call: 'PutSecretValue', mishap: { kind: 'delay', ms: 3_600_000 } },
    );
    const { signal } = new AbortController();
    const answers = [put(signal), put(signal)].map((answer) => answer.catch((error: Error) => error));
    await vi.waitFor(() => expect(server.calls).toHaveLength(3));
    await server.close();
    for (const answer of await Promise.all(answers)) expect(answer).toBeInstanceOf(Error);
    expect(server.calls.slice(1).map((call) => call.outcome)).toEqual(['unanswered', 'unanswered']);
  });
});
