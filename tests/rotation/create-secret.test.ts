import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/local/faults.ts';
import type { LocalMomento } from '../../src/local/momento/momento.ts';
import type { AwsError } from '../../src/local/secrets-manager/secrets-manager-errors.ts';
import { type Harness, type Sandbox, startHarness } from '../harness.ts';

const throttled = { kind: 'error', error: { code: 'ThrottlingException', message: 'Rate exceeded' } } as const;
const broken = { kind: 'error', error: { code: 'InternalServiceError', message: 'Broken', status: 500 } } as const;
const notStaged = { failure: 'operator', message: expect.stringContaining('is not staged as AWSPENDING') };

test('stages a refreshed key as AWSPENDING, with five calls, the three that read at once', async () => {
  const harness = await startHarness();
  const { versionId, firstVersionId, momento, secretsManager } = harness;
  harness.callsSince();

  expect(await harness.sandbox().run('createSecret')).toBe('issued');

  const calls = harness.callsSince();
  expect(calls.secretsManager.slice(0, 3).sort()).toEqual(['DescribeSecret', 'GetSecretValue', 'GetSecretValue']);
  expect(calls.secretsManager.slice(3)).toEqual(['PutSecretValue']);
  expect(calls.momento).toEqual(['RefreshApiToken']);
  expect(secretsManager.calls.every(({ outcome }) => outcome !== 'ThrottlingException')).toBe(true);
  expect(await harness.labels()).toEqual({ [firstVersionId]: ['AWSCURRENT'], [versionId]: ['AWSPENDING'] });
  expect(momento.isValid((await harness.value())?.['apiKey'] as string)).toBe(true);
});

describe('repeated', () => {
  test('it finds its work done', async () => {
    const harness = await startHarness();
    await harness.sandbox().run('createSecret');
    const before = await harness.value();
    harness.callsSince();

    expect(await harness.sandbox().run('createSecret')).toBe('already issued');

    expect(harness.callsSince().momento).toEqual([]);
    expect(await harness.value()).toEqual(before);
  });

  test('after the rotation, it finds the version current', async () => {
    const harness = await startHarness();
    for (const step of ['createSecret', 'testSecret', 'finishSecret'] as const) await harness.sandbox().run(step);
    harness.callsSince();

    expect(await harness.sandbox().run('createSecret')).toBe('already current');
    const calls = harness.callsSince();
    expect(calls.momento).toEqual([]);
    expect(calls.secretsManager).toHaveLength(3);
  });

  test('it does not take an empty version for done, because an operator made it current', async () => {
    const harness = await startHarness();
    await harness.moveLabel('AWSCURRENT', { from: harness.firstVersionId, to: harness.versionId });

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('no current value'),
    });
  });

  test('in two sandboxes at once, both are done with the same value', async () => {
    const harness = await startHarness();
    const outcomes = await Promise.all([harness.sandbox().run('createSecret'), harness.sandbox().run('createSecret')]);

    expect(outcomes.every((outcome) => /^(already )?issued( elsewhere)?$/.test(outcome))).toBe(true);
    expect(outcomes).toContain('issued');
    expect(harness.momento.isValid((await harness.value())?.['apiKey'] as string)).toBe(true);
  });

  test('in two sandboxes at once, where a refresh token can be used once, both are done with the same value', async () => {
    const harness = await startHarness({ momento: { behaviour: { refreshTokenReuse: 'refused' } } });
    const outcomes = await Promise.all([harness.sandbox().run('createSecret'), harness.sandbox().run('createSecret')]);

    expect(outcomes.every((outcome) => /^(already )?issued( elsewhere)?$/.test(outcome))).toBe(true);
    expect(outcomes).toContain('issued');
    expect(harness.momento.issuedKeys()).toHaveLength(2);
  });
});

describe('issues nothing', () => {
  test('when AWSPENDING is elsewhere, and says how to clear the way', async () => {
    const harness = await startHarness();
    const other = await harness.put(harness.momento.issueKey().secretString, { stages: ['AWSPENDING'] });

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(
        new RegExp(`AWSPENDING is on version ${other} and blocks .*--remove-from-version-id ${other}$`),
      ),
    });
  });

  test.each([
    [
      'when an operator took the label off',
      notStaged,
      (harness: Harness) => harness.moveLabel('AWSPENDING', { from: harness.versionId }),
    ],
    [
      'when an operator stored a value',
      notStaged,
      (harness: Harness) => harness.put(harness.momento.issueKey().secretString),
    ],
    [
      'when the rotation was cancelled',
      {
        failure: 'operator',
        message: expect.stringMatching(/Rotation is off.*update-secret-version-stage.*rotate-sec/),
      },
      (harness: Harness) => harness.client.send(new CancelRotateSecretCommand({ SecretId: harness.secretId })),
    ],
    [
      'when the secret is a replica',
      { failure: 'operator', message: expect.stringContaining('Rotate its primary in eu-west-1') },
      (harness: Harness) => harness.secretsManager.markAsReplica(harness.secretId, 'eu-west-1'),
    ],
  ])('%s', async (_, error, arrange) => {
    const harness = await startHarness();
    await arrange(harness);
    const before = await harness.labels();
    harness.callsSince();

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject(error);

    expect(harness.callsSince().momento).toEqual([]);
    expect(await harness.labels()).toEqual(before);
  });
});

describe("a current value that cannot be rotated is a human's to mend, and the label stays", () => {
  test.each([
    ['no value', { secretString: null }, 'The secret has no current value (AWSCURRENT)'],
    [
      'plaintext',
      { secretString: (m: LocalMomento) => m.issueKey().apiKey },
      'cannot be rotated. It is an API key alone',
    ],
    ['binary', { binary: true }, 'cannot be rotated. It is binary (SecretBinary). Store a string'],
    [
      'a key that never expires',
      { secretString: (m: LocalMomento) => m.issueKey({ validForSeconds: 'never' }).secretString },
      'never expires cannot be refreshed',
    ],
    [
      'an expired key',
      { secretString: (m: LocalMomento) => m.issueKey({ validForSeconds: 60 }).secretString },
      'cannot be rotated. It expired on 20',
    ],
  ])('%s', async (_, options, message) => {
    const harness = await startHarness(options);
    const { versionId } = harness;
    const sandbox = harness.sandbox();
    sandbox.wait(61_000);

    await expect(sandbox.run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(
        /Generate a new v1 API key .* aws secretsmanager put-secret-value --secret-id arn:/,
      ),
    });
    await expect(sandbox.run('createSecret')).rejects.toThrow(message);
    expect((await harness.labels())[versionId]).toEqual(['AWSPENDING']);
    expect(harness.callsSince().momento).toEqual([]);
  });
});

describe('a pending value that can never be promoted is given up', () => {
  test.each([
    ['malformed', () => '{"apiKey": "x"}', 'can never be promoted. Field "apiKey" is not a Momento API key'],
    [
      'expired',
      (harness: Harness) => harness.momento.issueKey({ validForSeconds: 60 }).secretString,
      'It expired on 20',
    ],
  ])('%s', async (_, value, message) => {
    const harness = await startHarness();
    const { versionId, firstVersionId } = harness;
    await harness.put(value(harness), { versionId, stages: ['AWSPENDING'] });
    const sandbox = harness.sandbox();
    sandbox.wait(61_000);

    await expect(sandbox.run('createSecret')).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringContaining(message),
    });
    expect(await harness.labels()).toEqual({ [firstVersionId]: ['AWSCURRENT'] });
  });

  test('also when the answer to that is lost', async () => {
    const harness = await startHarness();
    const { versionId } = harness;
    await harness.put('not JSON', { versionId, stages: ['AWSPENDING'] });
    harness.secretsManager.faults.add({
      call: 'UpdateSecretVersionStage',
      at: 'after',
      mishap: { kind: 'disconnect' },
    });

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({ failure: 'permanent' });
    expect((await harness.labels())[versionId]).toBeUndefined();
  });

  test('and if Secrets Manager does not let it, says what to do by hand', async () => {
    const harness = await startHarness();
    const { versionId } = harness;
    await harness.put('not JSON', { versionId, stages: ['AWSPENDING'] });
    harness.secretsManager.faults.add({
      call: 'UpdateSecretVersionStage',
      mishap: { kind: 'error', error: { code: 'AccessDeniedException', message: 'Not authorized' } },
    });

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringMatching(
        /could not be taken off .*aws secretsmanager update-secret.*refused UpdateSecretVersionStage: AccessDeniedException: Not authorized/,
      ),
    });
    expect((await harness.labels())[versionId]).toEqual(['AWSPENDING']);
  });

  test('and if there is no time for it, says so', async () => {
    const harness = await startHarness();
    await harness.put('not JSON', { versionId: harness.versionId, stages: ['AWSPENDING'] });
    harness.secretsManager.faults.add({ call: 'UpdateSecretVersionStage', mishap: { kind: 'silence' } });

    await expect(harness.sandbox({ remainingMs: 700 }).run('createSecret')).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringMatching(/could not be taken off .*TimeoutError/),
    });
  });
});

describe('when Secrets Manager fails', () => {
  test.each<[string, Fault<AwsError>['mishap']]>([
    ['throttles', throttled],
    ['breaks', broken],
    ['resets the connection', { kind: 'disconnect' }],
    ['answers nonsense', { kind: 'malformed' }],
  ])('%s, each call is made again', async (_, mishap) => {
    const harness = await startHarness();
    for (const call of ['DescribeSecret', 'GetSecretValue', 'PutSecretValue']) {
      harness.secretsManager.faults.add({ call, mishap });
    }

    expect(await harness.sandbox().run('createSecret')).toBe('issued');
    expect(harness.momento.issuedKeys()).toHaveLength(2);
  });

  test('for good, the failure is transient and the label stays', async () => {
    const harness = await startHarness();
    harness.secretsManager.faults.add({ call: 'GetSecretValue', mishap: throttled, times: Number.POSITIVE_INFINITY });
    harness.callsSince();

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: 'Secrets Manager did not answer GetSecretValue (ThrottlingException).',
    });
    const reads = harness.callsSince().secretsManager.filter((call) => call === 'GetSecretValue');
    expect(reads).toHaveLength(2 * 10);
    expect((await harness.labels())[harness.versionId]).toEqual(['AWSPENDING']);
  });

  test('with silence, the step ends by itself while there is time', async () => {
    const harness = await startHarness();
    harness.secretsManager.faults.add({ call: 'DescribeSecret', mishap: { kind: 'silence' } });

    await expect(harness.sandbox({ remainingMs: 700 }).run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: 'Secrets Manager did not answer DescribeSecret (TimeoutError).',
    });
  });

  test('by refusing, that is passed on at once, and not its words, which may quote the request', async () => {
    const harness = await startHarness();
    const message = 'User: arn:aws:sts::1:assumed-role/x is not authorized';
    harness.secretsManager.faults.add({
      call: 'DescribeSecret',
      mishap: { kind: 'error', error: { code: 'AccessDeniedException', message } },
    });
    harness.callsSince();

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message:
        "Secrets Manager refused DescribeSecret: AccessDeniedException: The function's role may not do that, or not use the KMS key that encrypts the secret.",
    });
    expect(harness.callsSince().secretsManager).toHaveLength(3);
  });
});

test('one call that is slow is waited for, and one that is silent does not use up the time', async () => {
  const harness = await startHarness();
  harness.secretsManager.faults.add(
    { call: 'DescribeSecret', mishap: { kind: 'delay', ms: 1000 } },
    { call: 'PutSecretValue', mishap: { kind: 'silence' } },
  );
  harness.callsSince();

  expect(await harness.sandbox().run('createSecret')).toBe('issued');
  const { secretsManager } = harness.callsSince();
  // The second look is the one before the second put.
  expect(secretsManager.filter((call) => call === 'DescribeSecret')).toHaveLength(2);
  expect(secretsManager.filter((call) => call === 'PutSecretValue')).toHaveLength(2);
});

test('the pauses between tries grow, to three seconds, and leave room for chance', async () => {
  const harness = await startHarness();
  harness.momento.faults.add({
    call: 'RefreshApiToken',
    mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } },
    times: Number.POSITIVE_INFINITY,
  });
  const pauses: number[] = [];
  await expect(harness.sandbox({ onSleep: (ms) => pauses.push(ms) }).run('createSecret')).rejects.toThrow();

  // Of 100 ms, twice that and so on, half is fixed and half left to chance, which is even in this clock.
  expect(pauses.filter((ms) => ms > 0)).toEqual([75, 150, 300, 600, 1200, 2250, 2250, 2250, 2250]);
});

test('with hardly any time left, nothing is asked for', async () => {
  const harness = await startHarness();
  harness.callsSince();

  await expect(harness.sandbox({ remainingMs: 100 }).run('createSecret')).rejects.toMatchObject({
    failure: 'transient',
    message: expect.stringContaining('no time left'),
  });
  expect(harness.callsSince()).toEqual({ secretsManager: [], momento: [] });
});

describe('when Momento does not answer the refresh', () => {
  test('it is asked again', async () => {
    const harness = await startHarness();
    harness.momento.faults.add({ call: 'RefreshApiToken', mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } } });
    const sandbox = harness.sandbox();

    expect(await sandbox.run('createSecret')).toBe('issued');
    expect(sandbox.warnings).toEqual([expect.stringContaining('It may have issued one that nobody holds')]);
  });

  test('because it throttles, it is asked again, and no key is feared lost', async () => {
    const harness = await startHarness();
    harness.momento.faults.add({
      call: 'RefreshApiToken',
      mishap: { kind: 'error', error: { code: 'RESOURCE_EXHAUSTED' } },
    });
    const sandbox = harness.sandbox();

    expect(await sandbox.run('createSecret')).toBe('issued');
    expect(sandbox.warnings).toEqual([]);
  });

  test('for good, the failure is transient and the label stays', async () => {
    const harness = await startHarness();
    harness.momento.faults.add({
      call: 'RefreshApiToken',
      mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } },
      times: Number.POSITIVE_INFINITY,
    });

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: 'Momento did not issue a successor of the current key (SERVER_UNAVAILABLE).',
    });
    expect((await harness.labels())[harness.versionId]).toEqual(['AWSPENDING']);
  });

  test('at all, the step ends by itself while there is time, although the SDK would wait for a minute', async () => {
    const harness = await startHarness();
    harness.momento.faults.add({ call: 'RefreshApiToken', mishap: { kind: 'silence' } });

    await expect(harness.sandbox({ remainingMs: 900 }).run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringContaining('(TIMEOUT_ERROR)'),
    });
  });

  test('although it issued a key, and issues another for the same token', async () => {
    const harness = await startHarness();
    harness.momento.faults.add({ call: 'RefreshApiToken', at: 'after', mishap: { kind: 'disconnect' } });
    const sandbox = harness.sandbox();

    expect(await sandbox.run('createSecret')).toBe('issued');
    expect(sandbox.warnings).toEqual([expect.stringContaining('It may have issued one that nobody holds')]);
  });

  test('although it issued a key, and issues one a token: a human has to store a fresh one', async () => {
    const harness = await startHarness({ momento: { behaviour: { refreshTokenReuse: 'refused' } } });
    harness.momento.faults.add({ call: 'RefreshApiToken', at: 'after', mishap: { kind: 'disconnect' } });

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(
        /refuses to issue a successor .*AUTHENTICATION_ERROR.*still works, so applications are not affected yet.*put-secret-value/,
      ),
    });
    expect((await harness.labels())[harness.versionId]).toEqual(['AWSPENDING']);
  });

  test('in a way that can be read, it is asked again', async () => {
    const harness = await startHarness();
    harness.momento.faults.add({ call: 'RefreshApiToken', mishap: { kind: 'malformed' } });

    expect(await harness.sandbox().run('createSecret')).toBe('issued');
  });

  test('but another sandbox stores a successor, that one is taken', async () => {
    const harness = await startHarness();
    harness.momento.faults.add({ call: 'RefreshApiToken', mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } } });
    const { versionId } = harness;
    const sandbox = harness.sandbox({
      afterIssue: () => harness.put(harness.momento.issueKey().secretString, { versionId, stages: ['AWSPENDING'] }),
    });

    expect(await sandbox.run('createSecret')).toBe('already issued elsewhere');
  });
});

describe('while it waits to ask again, an operator may act:', () => {
  const unavailable = { call: 'RefreshApiToken', mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } } } as const;

  test('a value that is stored then is not replaced', async () => {
    const harness = await startHarness();
    harness.momento.faults.add(unavailable);
    const sandbox = harness.sandbox({ onSleep: () => harness.put(harness.momento.issueKey().secretString) });

    await expect(sandbox.run('createSecret')).rejects.toMatchObject(notStaged);
    expect(await harness.value()).toBeUndefined();
    expect(harness.callsSince().momento).toEqual(['RefreshApiToken']);
  });

  test('where AWSCURRENT is moved then, the next try starts from it', async () => {
    const harness = await startHarness();
    harness.momento.faults.add(unavailable);
    const sandbox = harness.sandbox({ onSleep: () => harness.rollBack() });

    await expect(sandbox.run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringContaining('The next try starts from that version'),
    });
    expect(await sandbox.run('createSecret')).toBe('issued');
    expect(harness.momento.issuedKeys().at(-1)?.from).toBe('key-2');
  });

  test('a value that is stored while a refusal is looked into is not spoken of', async () => {
    const harness = await startHarness();
    harness.momento.faults.add({
      call: 'RefreshApiToken',
      mishap: { kind: 'error', error: { code: 'UNAUTHENTICATED' } },
    });
    let stored = false;
    const sandbox = harness.sandbox({
      onSleep: async () => {
        if (!stored) await harness.put(harness.momento.issueKey().secretString);
        stored = true;
      },
    });

    await expect(sandbox.run('createSecret')).rejects.toMatchObject(notStaged);
  });
});

describe('when Momento refuses the refresh token', () => {
  const spent = { call: 'RefreshApiToken', mishap: { kind: 'error', error: { code: 'UNAUTHENTICATED' } } } as const;

  test('it looks for what another sandbox stores a little later', async () => {
    const harness = await startHarness();
    const { versionId } = harness;
    harness.momento.faults.add(spent);
    let pauses = 0;
    const sandbox = harness.sandbox({
      onSleep: async () => {
        pauses += 1;
        if (pauses === 2) {
          await harness.put(harness.momento.issueKey().secretString, { versionId, stages: ['AWSPENDING'] });
        }
      },
    });

    expect(await sandbox.run('createSecret')).toBe('already issued elsewhere');
  });

  test('and the current key as well, says that applications are failing', async () => {
    const harness = await startHarness();
    harness.momento.faults.add(spent);
    harness.momento.revokeKey((await harness.value(harness.firstVersionId))?.['apiKey'] as string);

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('applications that use it are failing now'),
    });
  });

  test('and says nothing about the current key, says that as well', async () => {
    const harness = await startHarness();
    const down = { kind: 'error', error: { code: 'UNAVAILABLE' } } as const;
    harness.momento.faults.add(spent, { call: 'Get', mishap: down, times: Number.POSITIVE_INFINITY });

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('Whether the current key still works could not be seen'),
    });
  });

  test('and there is no time to wait for another sandbox, leaves it to the next try', async () => {
    const harness = await startHarness();
    harness.momento.faults.add(spent);

    await expect(harness.sandbox({ remainingMs: 3000 }).run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringMatching(/refuses to issue .*no time is left to see whether .*raise the timeout/),
    });
  });

  test('and Secrets Manager does not let it look around, leaves it to the next try', async () => {
    const harness = await startHarness();
    const silent = { kind: 'silence' } as const;
    harness.momento.faults.add(spent);
    const sandbox = harness.sandbox({
      remainingMs: 1000,
      afterIssue: () => harness.secretsManager.faults.add({ call: 'GetSecretValue', at: 'after', mishap: silent }),
    });

    await expect(sandbox.run('createSecret')).rejects.toMatchObject({ failure: 'transient' });
  });
});

describe('with an issued key in hand', () => {
  test('and no time at all, it says that the key is lost', async () => {
    const harness = await startHarness();
    const sandbox: Sandbox = harness.sandbox({ afterIssue: () => sandbox.wait(30_000) });

    await expect(sandbox.run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringMatching(
        /could not be stored\. The invocation has no time left.*It is lost: nobody holds it/,
      ),
    });
  });

  test('an answer to the put that is lost is no loss', async () => {
    const harness = await startHarness();
    harness.secretsManager.faults.add({ call: 'PutSecretValue', at: 'after', mishap: { kind: 'disconnect' } });

    expect(await harness.sandbox().run('createSecret')).toBe('issued');
    expect(harness.momento.issuedKeys()).toHaveLength(2);
  });

  test('it tries to store it as long as there is time, whatever the reason, and says that it is lost', async () => {
    const harness = await startHarness();
    harness.secretsManager.faults.add({
      call: 'PutSecretValue',
      mishap: { kind: 'error', error: { code: 'AccessDeniedException', message: 'Not authorized' } },
      times: Number.POSITIVE_INFINITY,
    });
    harness.callsSince();

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(
        /could not be stored\. .*PutSecretValue: AccessDeniedException: The function's role may not do that, or not use the KMS key that encrypts the secret\. It is lost: nobody/,
      ),
    });
    const puts = harness.callsSince().secretsManager.filter((call) => call === 'PutSecretValue');
    expect(puts.length).toBeGreaterThan(10);
  });

  test('puts that break leave open whether it is stored, which the next try sees', async () => {
    const harness = await startHarness();
    harness.secretsManager.faults.add({
      call: 'PutSecretValue',
      at: 'after',
      mishap: broken,
      times: Number.POSITIVE_INFINITY,
    });

    const sandbox = harness.sandbox();
    await expect(sandbox.run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringMatching(
        /It may be stored all the same, because a put was not answered: the next try will see/,
      ),
    });
    expect(await sandbox.run('createSecret')).toBe('already issued');

    // Whose successor it is, this sandbox goes on knowing.
    await sandbox.run('testSecret');
    harness.callsSince();
    await sandbox.run('finishSecret');
    expect(harness.callsSince().secretsManager).toEqual(['DescribeSecret', 'UpdateSecretVersionStage']);
  });

  test('it goes on trying when it cannot look in between', async () => {
    const harness = await startHarness();
    const { faults } = harness.secretsManager;
    faults.add({ call: 'PutSecretValue', mishap: throttled, times: 3 });

    const sandbox = harness.sandbox({
      afterIssue: () => faults.add({ call: 'DescribeSecret', mishap: broken, times: 3 }),
    });
    expect(await sandbox.run('createSecret')).toBe('issued');
  });

  test('it stops when an operator ended the rotation, and says that the key is lost', async () => {
    const harness = await startHarness();
    const sandbox = harness.sandbox({
      afterIssue: async () => {
        await harness.put(harness.momento.issueKey().secretString);
        harness.secretsManager.faults.add({ call: 'PutSecretValue', mishap: throttled });
      },
    });

    await expect(sandbox.run('createSecret')).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(
        /could not be stored\. The version in rotation \(the event's ClientRequestToken\) is not staged as AWSPENDING.*It is lost/,
      ),
    });
    expect(await harness.value()).toBeUndefined();
  });

  test('it goes on when another sandbox has finished the rotation with it', async () => {
    const harness = await startHarness();
    const { versionId, firstVersionId } = harness;
    harness.secretsManager.faults.add({ call: 'PutSecretValue', at: 'after', mishap: { kind: 'disconnect' } });
    const sandbox = harness.sandbox({
      onSleep: async () => {
        await harness.moveLabel('AWSCURRENT', { from: firstVersionId, to: versionId });
        await harness.moveLabel('AWSPENDING', { from: versionId });
      },
    });

    expect(await sandbox.run('createSecret')).toBe('issued');
  });

  test('it yields to a value that another sandbox stored first, and says that its own is not held by anybody', async () => {
    const harness = await startHarness();
    const { versionId } = harness;
    const theirs = harness.momento.issueKey();
    const sandbox = harness.sandbox({
      afterIssue: () => harness.put(theirs.secretString, { versionId, stages: ['AWSPENDING'] }),
    });

    expect(await sandbox.run('createSecret')).toBe('already issued elsewhere');
    expect(sandbox.warnings).toEqual([expect.stringContaining('Another sandbox stored its successor first')]);
    expect((await harness.value())?.['apiKey']).toBe(theirs.apiKey);

    // Whose successor that is, this sandbox has to find out when it finishes.
    await sandbox.run('testSecret');
    harness.callsSince();
    await sandbox.run('finishSecret');
    expect(harness.callsSince().secretsManager.filter((call) => call === 'GetSecretValue')).toHaveLength(2);
  });

  test('it does not believe in another value that is not there', async () => {
    const harness = await startHarness();
    harness.secretsManager.faults.add({
      call: 'PutSecretValue',
      mishap: { kind: 'error', error: { code: 'ResourceExistsException', message: 'It exists' } },
    });

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringContaining('has another value according to Secrets Manager, but none can be read'),
    });
  });

  test('the RotationToken is passed on', async () => {
    const harness = await startHarness({ behaviour: { rotationToken: true } });

    await expect(harness.sandbox({ remainingMs: 800 }).run('createSecret')).rejects.toMatchObject({
      message: expect.stringContaining('could not be stored'),
    });
    const rotationToken = harness.rotationToken();
    expect(await harness.sandbox({ rotationToken }).run('createSecret')).toBe('issued');
  });
});

describe('a value that an operator stored while the successor was being issued', () => {
  test('is recognized when the step is repeated, by the dates of the versions', async () => {
    const harness = await startHarness({ behaviour: { pendingCreatedDate: 'registered' } });
    const { versionId } = harness;
    let operators = '';
    const sandbox = harness.sandbox({
      afterIssue: async () => {
        operators = await harness.put(harness.momento.issueKey().secretString);
      },
    });
    await sandbox.run('createSecret');
    expect((await harness.labels())[versionId]).toEqual(['AWSPENDING']);

    await expect(harness.sandbox().run('createSecret')).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringContaining(`AWSCURRENT moved to version ${operators} after the rotation began`),
    });
    expect((await harness.labels())[versionId]).toBeUndefined();
    expect((await harness.labels())[operators]).toContain('AWSCURRENT');
  });
});

describe("the new key's lifetime", () => {
  test('is measured', async () => {
    const harness = await startHarness();
    const sandbox = harness.sandbox();
    await sandbox.run('createSecret');

    const [[metric, seconds] = []] = sandbox.metrics;
    expect(metric).toBe('NewKeyLifetime');
    expect(seconds).toBeGreaterThan(29 * 86_400);
    expect(sandbox.metrics).toHaveLength(1);
    expect(sandbox.warnings).toEqual([]);
  });

  test('is warned of, when the next rotation comes too late', async () => {
    const harness = await startHarness({ rules: { ScheduleExpression: 'rate(45 days)' } });
    const sandbox = harness.sandbox();
    await sandbox.run('createSecret');

    expect(sandbox.metrics).toContainEqual(['NewKeyExpiresBeforeNextRotation', 1]);
    expect(sandbox.warnings).toEqual([expect.stringMatching(/The new key expires on .* before the next rotation/)]);
  });
});
