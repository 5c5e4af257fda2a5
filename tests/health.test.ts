import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalMomento, startMomento } from '../../src/local/momento/momento.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../src/local/secrets-manager/index.ts';
import { momentoApiKey } from '../../src/momento/momento-api-key.ts';
import { startBudget } from '../../src/rotation/budget.ts';
import { checkSecrets, type SecretHealth } from '../../src/rotation/check.ts';
import type { Credential, CredentialKind } from '../../src/rotation/credential.ts';
import { SecretStoreError } from '../../src/rotation/errors.ts';
import { secretsManagerStore } from '../../src/rotation/secrets-manager.ts';

const DAY_MS = 86_400_000;

let now: number;
let momento: LocalMomento;
let secretsManager: LocalSecretsManager;
let sdk: SecretsManagerClient;

beforeEach(async () => {
  now = Date.now();
  const clock = { now: () => new Date(now) };
  momento = await startMomento(clock);
  secretsManager = await startSecretsManager({ ...clock, invoke: async () => undefined });
  sdk = new SecretsManagerClient({ ...secretsManager.connection, maxAttempts: 1 });
});
afterEach(async () => {
  sdk.destroy();
  await secretsManager.close();
  await momento.close();
});

async function create(name: string, SecretString?: string): Promise<string> {
  const created = await sdk.send(new CreateSecretCommand({ Name: name, ...(SecretString && { SecretString }) }));
  const SecretId = created.ARN as string;
  await sdk.send(
    new RotateSecretCommand({
      SecretId,
      RotationLambdaARN: 'arn:aws:lambda:us-east-1:123456789012:function:rotation',
      RotationRules: { AutomaticallyAfterDays: 1 },
      RotateImmediately: false,
    }),
  );
  await secretsManager.rotationSettled();
  return SecretId;
}

const momentoKey = momentoApiKey({ hosts: ['127.0.0.1'] })('a/secret');

async function check(
  secretIds: string[],
  kind: CredentialKind<Credential> = momentoKey,
  store = secretsManagerStore(sdk),
) {
  const clock = { now: () => now, random: () => 0.5, sleep: async () => {} };
  const found: SecretHealth[] = [];
  const budget = startBudget(clock, 30_000);
  const report = { warn: () => {}, measure: () => {} };
  const task = (secretId: string) => ({
    secretId,
    store,
    kind,
    budget,
    report,
    overlapMs: 0,
    revokesFirstKey: false,
    schedule: undefined,
  });
  const failed: [secret: string | undefined, problem: unknown][] = [];
  const ended = checkSecrets(task, secretIds, {
    found: (health) => found.push(health),
    failed: (...failure) => failed.push(failure),
  });
  const problem: Error | undefined = await ended.then(
    () => undefined,
    (error) => error,
  );
  return { found, failed, problem };
}

const key = () => momento.issueKey({ validForSeconds: 30 * 86_400 }).secretString;

describe('a check tells', () => {
  test('how long ago the value of a secret was stored that was never rotated, and for how long its key lives', async () => {
    await create('a/secret-withsuffix', key());
    now += 1.5 * DAY_MS;

    const { found, problem } = await check(['a/secret-withsuffix']);
    expect(problem).toBeUndefined();
    expect(found).toEqual([
      {
        name: 'a/secret-withsuffix',
        daysSinceLastRotation: expect.closeTo(1.5, 3),
        daysUntilExpiry: expect.closeTo(28.5, 3),
        keysAwaitingRevocation: undefined,
      },
    ]);
  });

  test('that a key has expired', async () => {
    const secretId = await create('a/secret', key());
    now += 31 * DAY_MS;

    const { found } = await check([secretId]);
    expect(found[0]?.daysUntilExpiry).toBeCloseTo(-1, 3);
  });

  test('of hundreds of secrets, with two calls each', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `secret/${index}`);
    for (const name of names) await create(name, key());
    const before = secretsManager.calls.length;

    const { found, problem } = await check(names);
    expect(problem).toBeUndefined();
    expect(found.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(secretsManager.calls.length - before).toBe(2 * names.length);
  });
});

test('what cannot be checked is named at the end, and keeps nothing else from being checked', async () => {
  const [good, empty, wrong] = [await create('good', key()), await create('empty'), await create('wrong', 'hunter2')];

  const { found, failed, problem } = await check([wrong, empty, 'missing', good]);
  expect(found.map(({ name }) => name)).toEqual(['good']);
  expect(problem).toMatchObject({ failure: 'operator' });
  for (const part of [
    'wrong: The current value',
    ' empty: It has no current value',
    ' CheckSecrets[2]: Secrets Manager',
  ]) {
    expect(problem?.message).toContain(part);
  }
  expect(problem?.message).not.toMatch(/hunter2|missing/);
  expect(failed).toEqual(['wrong', 'empty', undefined].map((secret) => [secret, expect.any(Error)]));
});

test('of many problems those are said for which there is room, and where the others are', async () => {
  const ids = Array.from({ length: 50 }, () => 'missing');
  const { failed, problem } = await check(ids);
  expect(failed).toHaveLength(50);
  expect(problem?.message).toMatch(
    /^Each of 50 problems is in a line of its own in the log\. CheckSecrets\[0\]: .* …$/,
  );
  expect(problem?.message.length).toBeLessThan(1000);
});

test('a rotation that was turned off is told after the figures, with how to turn it on', async () => {
  const secretId = await create('a/secret', key());
  await sdk.send(new CancelRotateSecretCommand({ SecretId: secretId }));

  const { found, problem } = await check([secretId]);
  expect(found).toHaveLength(1);
  expect(problem).toMatchObject({
    failure: 'operator',
    message: expect.stringMatching(
      /Rotation is off.* To turn it on: aws secretsmanager rotate-secret --secret-id arn:/,
    ),
  });
});

test('a rotation that was cancelled half way is told with what has to be cleared first', async () => {
  const secretId = await create('a/secret', key());
  const { VersionId } = await sdk.send(
    new PutSecretValueCommand({ SecretId: secretId, SecretString: key(), VersionStages: ['AWSPENDING'] }),
  );
  await sdk.send(new CancelRotateSecretCommand({ SecretId: secretId }));

  expect((await check([secretId])).problem?.message).toMatch(
    new RegExp(
      `To turn it on: take AWSPENDING off \\(aws .* --remove-from-version-id ${VersionId}\\), then aws secretsmanager rotate-secret --secret-id arn:[^ ]+$`,
    ),
  );
});

test('a throttled call is made again', async () => {
  const secretId = await create('a/secret', key());
  const throttled = { kind: 'error', error: { code: 'ThrottlingException', message: 'Rate exceeded' } } as const;
  secretsManager.faults.add({ call: 'DescribeSecret', mishap: throttled, times: 3 });
  expect((await check([secretId])).found).toHaveLength(1);
});

test('the later of a rotation and a value that was stored by hand counts', async () => {
  const secretId = await create('a/secret', key());
  const client = secretsManagerStore(sdk);
  const rotatedAt = (days: number) => ({
    ...client,
    describe: async (...request: Parameters<typeof client.describe>) => ({
      ...(await client.describe(...request)),
      lastRotatedAt: new Date(now - days * DAY_MS),
    }),
  });
  now += 2 * DAY_MS;

  expect((await check([secretId], momentoKey, rotatedAt(1))).found[0]?.daysSinceLastRotation).toBeCloseTo(1, 3);
  expect((await check([secretId], momentoKey, rotatedAt(3))).found[0]?.daysSinceLastRotation).toBeCloseTo(2, 3);
});

test('a service that tells no dates leaves open how long ago it was', async () => {
  const secretId = await create('a/secret', key());
  const client = secretsManagerStore(sdk);
  const timeless = {
    ...client,
    getCurrent: async (...request: Parameters<typeof client.getCurrent>) => {
      const current = await client.getCurrent(...request);
      return current && { ...current, createdAt: undefined };
    },
  };
  expect(await check([secretId], momentoKey, timeless)).toMatchObject({
    found: [{ daysSinceLastRotation: undefined }],
    problem: undefined,
  });
});

describe('a defect keeps no other secret from being checked', () => {
  const defect = new TypeError('hunter2');
  const fail = () => {
    throw defect;
  };

  test('in reading a value', async () => {
    const ids = [await create('one', key()), await create('two', key())];
    const { failed, problem } = await check(ids, { ...momentoKey, read: fail });
    expect(failed.map(([secret]) => secret)).toEqual(['one', 'two']);
    expect(problem).toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(/^one: The current value .* an unexpected TypeError.* two: The current value/),
    });
    expect(problem?.message).not.toContain('hunter2');
  });

  test('in reading a register', async () => {
    const ids = [
      await create('one', momento.issueV2Key().secretString),
      await create('two', momento.issueV2Key().secretString),
    ];
    const kind = {
      ...momentoKey,
      registerOf: () => ({ adminSecret: undefined, adminWording: 'this secret', open: fail }),
    };
    const { found, failed } = await check(ids, kind);
    expect(found.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(failed).toEqual(['one', 'two'].map((secret) => [secret, expect.objectContaining({ failure: 'operator' })]));
  });

  test('anywhere else, and is handed on as it is, with where it comes from', async () => {
    const ids = [await create('one', key()), await create('two', key())];
    const { failed, problem } = await check(ids, { ...momentoKey, registerOf: fail });
    expect(failed).toEqual([
      ['one', defect],
      ['two', defect],
    ]);
    expect(problem).toMatchObject({
      failure: 'transient',
      message: expect.stringMatching(/^one: Unexpected TypeError\. .*two: Unexpected TypeError/),
    });
  });
});

test('a secret for which nobody answers leaves time for those after it', async () => {
  const ids = [await create('one', key()), await create('two', key()), await create('three', key())];
  let time = now;
  const clock = {
    now: () => time,
    random: () => 0.5,
    async sleep(ms: number) {
      time += ms;
    },
  };
  const real = secretsManagerStore(sdk);
  const store = {
    ...real,
    async getCurrent(id: string, timeoutMs: number) {
      if (id !== ids[0] && id !== ids[1]) return real.getCurrent(id, timeoutMs);
      time += timeoutMs;
      throw new SecretStoreError('GetSecretValue', 'TimeoutError', { transient: true });
    },
  };
  const found: string[] = [];
  const task = (secretId: string) => ({
    secretId,
    store,
    kind: momentoKey,
    budget,
    report: { warn: () => {}, measure: () => {} },
    overlapMs: 0,
    revokesFirstKey: false,
    schedule: undefined,
  });
  const budget = startBudget(clock, 60_000);
  const ended = checkSecrets(task, ids, { found: ({ name }) => found.push(name), failed: () => {} });
  await expect(ended).rejects.toMatchObject({ failure: 'transient' });
  expect(found).toEqual(['three']);
});
