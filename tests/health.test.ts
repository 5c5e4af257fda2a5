import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secretsManagerStore } from '../src/aws/secrets-manager.ts';
import { checkSecrets } from '../src/health.ts';
import { type LocalMomento, startMomento } from '../src/local/momento/momento.ts';
import { type LocalSecretsManager, startSecretsManager } from '../src/local/secrets-manager/local-secrets-manager.ts';
import type { MomentoKind } from '../src/momento/kind.ts';
import { momentoApiKey } from '../src/momento/momento-api-key.ts';
import { type Budget, startBudget } from '../src/rotation/budget.ts';
import { SecretStoreError } from '../src/rotation/errors.ts';
import { openSecret } from '../src/rotation/secret.ts';
import type { SecretStore } from '../src/rotation/secret-store.ts';

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

interface CheckOptions {
  kind?: MomentoKind;
  store?: SecretStore;
  budget?: Budget;
}

/** What a check measured of each secret, by the name or ARN that it was given, and what it said was wrong. */
async function check(secretIds: string[], options: CheckOptions = {}) {
  const clock = { now: () => now, random: () => 0.5, sleep: async () => {} };
  const { kind = momentoKey, store = secretsManagerStore(sdk), budget = startBudget(clock, 30_000) } = options;
  const found: Record<string, Record<string, number>> = {};
  const failed: [secret: string | undefined, problem: unknown][] = [];
  const batch = {
    field: 'CheckSecrets',
    secretIds,
    budget,
    onProblem: (...failure: (typeof failed)[number]) => void failed.push(failure),
  };
  const ended = checkSecrets(batch, (secretId, share) => ({
    secret: openSecret(store, secretId, share),
    kind,
    report: {
      warn: () => {},
      measure(metric, value) {
        found[secretId] = { ...found[secretId], [metric]: value };
      },
    },
    overlapMs: 0,
    revokesFirstKey: false,
    revokesOnSchedule: false,
  }));
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
    expect(found).toEqual({
      'a/secret-withsuffix': {
        DaysSinceLastRotation: expect.closeTo(1.5, 3),
        DaysUntilKeyExpires: expect.closeTo(28.5, 3),
      },
    });
  });

  test('that a key has expired', async () => {
    const secretId = await create('a/secret', key());
    now += 31 * DAY_MS;

    const { found } = await check([secretId]);
    expect(found[secretId]?.['DaysUntilKeyExpires']).toBeCloseTo(-1, 3);
  });

  test('nothing of when a key expires that never does', async () => {
    const endless = momento.issueV2Key({ roleId: 'owner', validForSeconds: 'never' }).secretString;
    const secretId = await create('a/secret', endless);
    const kind = momentoApiKey({ hosts: ['127.0.0.1'], apiKeysEndpoint: momento.apiKeysEndpoint })('a/secret');
    expect(Object.keys((await check([secretId], { kind })).found[secretId] ?? {})).toEqual([
      'DaysSinceLastRotation',
      'KeysAwaitingRevocation',
    ]);
  });

  test('of hundreds of secrets, with two calls each', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `secret/${index}`);
    for (const name of names) await create(name, key());
    const before = secretsManager.calls.length;

    const { found, problem } = await check(names);
    expect(problem).toBeUndefined();
    expect(Object.keys(found)).toEqual(names);
    expect(secretsManager.calls.length - before).toBe(2 * names.length);
  });
});

test('what cannot be checked is named at the end, and keeps nothing else from being checked', async () => {
  const [good, empty, wrong] = [await create('good', key()), await create('empty'), await create('wrong', 'hunter2')];

  const { found, failed, problem } = await check([wrong, empty, 'missing', good]);
  expect(Object.keys(found)).toEqual([good]);
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
  expect(found[secretId]).toHaveProperty('DaysUntilKeyExpires');
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
  expect((await check([secretId])).found[secretId]).toHaveProperty('DaysUntilKeyExpires');
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

  for (const [days, since] of [
    [1, 1],
    [3, 2],
  ] as const) {
    const { found } = await check([secretId], { store: rotatedAt(days) });
    expect(found[secretId]?.['DaysSinceLastRotation']).toBeCloseTo(since, 3);
  }
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
  const { found, problem } = await check([secretId], { store: timeless });
  expect(Object.keys(found[secretId] ?? {})).toEqual(['DaysUntilKeyExpires']);
  expect(problem).toBeUndefined();
});

describe('a defect keeps no other secret from being checked', () => {
  const defect = new TypeError('hunter2');
  const fail = () => {
    throw defect;
  };

  test('in reading a value', async () => {
    const ids = [await create('one', key()), await create('two', key())];
    const { failed, problem } = await check(ids, { kind: { ...momentoKey, read: fail } });
    expect(failed.map(([secret]) => secret)).toEqual(['one', 'two']);
    expect(problem).toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(/^one: The current value .* an unexpected TypeError.* two: The current value/),
    });
    expect(problem?.message).not.toContain('hunter2');
  });

  test('in opening a registry with the key of an admin', async () => {
    const ids = [await create('one', key()), await create('two', key())];
    await create('admin', key());
    const access = { adminSecret: 'admin', adminWording: 'the secret of the admin', open: fail };
    const { found, failed, problem } = await check(ids, { kind: { ...momentoKey, registryFor: () => access } });
    expect(Object.keys(found)).toEqual(ids);
    expect(failed).toEqual(['one', 'two'].map((secret) => [secret, expect.objectContaining({ failure: 'operator' })]));
    expect(problem?.message).not.toContain('hunter2');
  });

  test('anywhere else, and is handed on as it is, with where it comes from', async () => {
    const ids = [await create('one', key()), await create('two', key())];
    const { found, failed, problem } = await check(ids, { kind: { ...momentoKey, registryFor: fail } });
    expect(Object.keys(found)).toEqual(ids);
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

/** Time that only calls take which nobody answers, and pauses. */
function startClock() {
  let time = now;
  return {
    clock: {
      now: () => time,
      random: () => 0.5,
      async sleep(ms: number) {
        time += ms;
      },
    },
    pass(ms: number) {
      time += ms;
    },
  };
}

/** The store, except that nobody answers for some secrets. */
function storeWithout(silent: readonly string[], pass: (ms: number) => void): SecretStore {
  const real = secretsManagerStore(sdk);
  return {
    ...real,
    async getCurrent(id, timeoutMs) {
      if (!silent.includes(id)) return real.getCurrent(id, timeoutMs);
      pass(timeoutMs);
      throw new SecretStoreError('GetSecretValue', 'TimeoutError', { transient: true });
    },
  };
}

test('a secret for which nobody answers leaves time for those after it', async () => {
  const ids = [await create('one', key()), await create('two', key()), await create('three', key())];
  const { clock, pass } = startClock();
  const store = storeWithout(ids.slice(0, 2), pass);
  const { found, failed, problem } = await check(ids, { store, budget: startBudget(clock, 60_000) });

  expect(problem).toMatchObject({ failure: 'transient' });
  expect(failed.map(([secret]) => secret)).toEqual(['one', 'two']);
  expect(Object.keys(found)).toEqual([ids[2]]);
});

test('those for which no time is left are not looked at, and said by their places', async () => {
  const ids = [await create('one', key()), await create('two', key()), await create('three', key())];
  const { clock, pass } = startClock();
  const store = storeWithout(ids, pass);
  const { failed, problem } = await check(ids, { store, budget: startBudget(clock, 6000) });

  expect(failed.map(([secret]) => secret)).toEqual(['one', 'two', undefined]);
  expect(problem).toMatchObject({
    failure: 'transient',
    message: expect.stringMatching(/^one: .* two: .* CheckSecrets\[2\]: No time was left to look at it\.$/),
  });
});

test('a secret that is named by a part of its ARN is asked for by all of it, and not spoken about', async () => {
  const arn = await create('a/secret', key());
  const { found, failed, problem } = await check([arn.slice(0, -7)]);
  expect(found).toEqual({});
  expect(failed).toEqual([[undefined, expect.any(Error)]]);
  expect(problem).toMatchObject({
    failure: 'operator',
    message: 'CheckSecrets[0]: The secret is named by a part of its ARN. Give its name, or its whole ARN.',
  });
});
