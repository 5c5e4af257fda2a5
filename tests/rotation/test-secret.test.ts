import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { type Harness, startHarness } from '../harness.ts';

const refused = { kind: 'error', error: { code: 'UNAUTHENTICATED' } } as const;
const denied = { kind: 'error', error: { code: 'PERMISSION_DENIED' } } as const;
const down = { kind: 'error', error: { code: 'UNAVAILABLE' } } as const;
const always = { times: Number.POSITIVE_INFINITY };

/** A rotation with its successor in place. */
async function startWithSuccessor(options?: Parameters<typeof startHarness>[0]): Promise<Harness> {
  const harness = await startHarness(options);
  await harness.sandbox().run('createSecret');
  harness.callsSince();
  return harness;
}

test('pings the pending key, with one call to each service', async () => {
  const harness = await startWithSuccessor();

  expect(await harness.sandbox().run('testSecret')).toBe('accepted');
  expect(harness.callsSince()).toEqual({ secretsManager: ['GetSecretValue'], momento: ['Get'] });
  expect(harness.momento.calls.at(-1)).toMatchObject({
    keyId: harness.momento.idOf((await harness.value())?.['apiKey'] as string),
    cache: 'momento-key-rotation-ping',
    outcome: 'NOT_FOUND',
  });
});

test('reads from the cache that is configured', async () => {
  const harness = await startWithSuccessor();
  harness.momento.createCache('a-cache');

  await harness.sandbox({ pingCache: 'a-cache' }).run('testSecret');
  expect(harness.momento.calls.at(-1)).toMatchObject({ cache: 'a-cache', outcome: 'OK' });
});

test('setSecret makes no call: a key is live when it is issued', async () => {
  const harness = await startWithSuccessor();
  expect(await harness.sandbox().run('setSecret')).toBe('nothing to set');
  expect(harness.callsSince()).toEqual({ secretsManager: [], momento: [] });
});

test('tests a copy of the current value, as a deployment has it done', async () => {
  const harness = await startHarness();
  const current = JSON.stringify(await harness.value(harness.firstVersionId));
  await harness.put(current, { versionId: harness.versionId, stages: ['AWSPENDING'] });

  expect(await harness.sandbox().run('testSecret')).toBe('accepted');
});

test('an empty pending version is filled by the next try', async () => {
  const harness = await startHarness();

  await expect(harness.sandbox().run('testSecret')).rejects.toMatchObject({
    failure: 'transient',
    message: expect.stringContaining('has no value yet'),
  });
  expect((await harness.labels())[harness.versionId]).toEqual(['AWSPENDING']);
});

test('a copy of a current value that cannot be rotated is said to be one, with what to do', async () => {
  const harness = await startHarness({ secretString: (momento) => momento.issueKey().apiKey });
  const { secretId, versionId, firstVersionId } = harness;
  const { SecretString = '' } = await harness.client.send(
    new GetSecretValueCommand({ SecretId: secretId, VersionId: firstVersionId }),
  );
  await harness.put(SecretString, { versionId, stages: ['AWSPENDING'] });

  await expect(harness.sandbox().run('testSecret')).rejects.toMatchObject({
    failure: 'permanent',
    message: expect.stringMatching(/is a copy of the current one, .*It is an API key alone.*put-secret-value/),
  });
});

test('a version that an operator took the label off is not tested', async () => {
  const harness = await startWithSuccessor();
  await harness.moveLabel('AWSPENDING', { from: harness.versionId });

  await expect(harness.sandbox().run('testSecret')).rejects.toMatchObject({
    failure: 'operator',
    message: expect.stringContaining('is not staged as AWSPENDING'),
  });
  expect(harness.callsSince().momento).toEqual([]);
});

test('a pending key that could not itself be rotated is given up', async () => {
  const harness = await startHarness();
  const { versionId } = harness;
  const { apiKey } = harness.momento.issueKey();
  await harness.put(JSON.stringify({ apiKey }), { versionId, stages: ['AWSPENDING'] });

  await expect(harness.sandbox().run('testSecret')).rejects.toMatchObject({ failure: 'permanent' });
  expect((await harness.labels())[versionId]).toBeUndefined();
});

describe('a pending key that Momento refuses', () => {
  test('is given up, after some tries over some seconds', async () => {
    const harness = await startWithSuccessor();
    const { firstVersionId } = harness;
    harness.momento.revokeKey((await harness.value())?.['apiKey'] as string);
    let slept = 0;

    await expect(harness.sandbox({ onSleep: () => (slept += 1) }).run('testSecret')).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringMatching(
        /^Momento refuses the pending key \(AUTHENTICATION_ERROR\).*AWSPENDING was taken off .* AWSCURRENT was not touched\.$/,
      ),
    });
    expect(slept).toBe(3);
    expect(await harness.labels()).toEqual({ [firstVersionId]: ['AWSCURRENT'] });
  });

  test('is kept when there is no time to be sure', async () => {
    const harness = await startWithSuccessor();
    harness.momento.faults.add({ call: 'Get', mishap: refused, ...always });

    await expect(harness.sandbox({ remainingMs: 3000 }).run('testSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringContaining('(AUTHENTICATION_ERROR, and no time was left to be sure)'),
    });
    expect((await harness.labels())[harness.versionId]).toEqual(['AWSPENDING']);
  });

  test('at first, because it is not known everywhere yet, is accepted a little later', async () => {
    const harness = await startWithSuccessor({ momento: { behaviour: { newKeyKnownAfterCalls: 3 } } });
    expect(await harness.sandbox().run('testSecret')).toBe('accepted');
  });

  test('in a version that is current by now, is said and nothing is taken off it', async () => {
    const harness = await startWithSuccessor();
    const { versionId, firstVersionId } = harness;
    await harness.moveLabel('AWSCURRENT', { from: firstVersionId, to: versionId });
    await harness.moveLabel('AWSPENDING', { from: versionId });
    harness.momento.faults.add({ call: 'Get', mishap: refused, ...always });

    await expect(harness.sandbox().run('testSecret')).rejects.toMatchObject({ failure: 'permanent' });
    expect((await harness.labels())[versionId]).toEqual(['AWSCURRENT']);
  });
});

describe('when Momento gives no verdict', () => {
  test.each(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'INTERNAL', 'DEADLINE_EXCEEDED', 'UNKNOWN'] as const)(
    '%s, it is asked again',
    async (code) => {
      const harness = await startWithSuccessor();
      harness.momento.faults.add({ call: 'Get', mishap: { kind: 'error', error: { code } }, times: 2 });

      expect(await harness.sandbox().run('testSecret')).toBe('accepted');
      expect(harness.callsSince().momento).toEqual(['Get', 'Get', 'Get']);
    },
  );

  test('for good, the failure is transient and the label stays', async () => {
    const harness = await startWithSuccessor();
    harness.momento.faults.add({ call: 'Get', mishap: down, ...always });

    await expect(harness.sandbox().run('testSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: 'Momento gave no verdict on the pending key (SERVER_UNAVAILABLE).',
    });
    expect((await harness.labels())[harness.versionId]).toEqual(['AWSPENDING']);
  });

  test('but silence, the step ends by itself while there is time', async () => {
    const harness = await startWithSuccessor();
    harness.momento.faults.add({ call: 'Get', mishap: { kind: 'silence' } });

    await expect(harness.sandbox({ remainingMs: 700 }).run('testSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringContaining('TIMEOUT_ERROR'),
    });
  });
});

describe('a pending key that may not read the cache', () => {
  test('is accepted if the current key may not either', async () => {
    const harness = await startWithSuccessor({
      secretString: (momento) => momento.issueKey({ permissions: [{ role: 'subscribeonly' }] }).secretString,
    });
    const sandbox = harness.sandbox();

    expect(await sandbox.run('testSecret')).toBe('accepted');
    expect(sandbox.warnings).toEqual([]);
    expect(harness.callsSince()).toEqual({
      secretsManager: ['GetSecretValue', 'GetSecretValue'],
      momento: ['Get', 'Get'],
    });
  });

  test('is given up if the current key may: it has lost rights', async () => {
    const harness = await startWithSuccessor();
    harness.momento.faults.add({ call: 'Get', mishap: denied });

    await expect(harness.sandbox().run('testSecret')).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringContaining('may not do what the current key may (PERMISSION_ERROR)'),
    });
    expect((await harness.labels())[harness.versionId]).toBeUndefined();
  });

  test('is accepted with a warning if the current key is refused', async () => {
    const harness = await startWithSuccessor();
    harness.momento.revokeKey((await harness.value(harness.firstVersionId))?.['apiKey'] as string);
    harness.momento.faults.add({ call: 'Get', mishap: denied });
    const sandbox = harness.sandbox();

    expect(await sandbox.run('testSecret')).toBe('accepted');
    expect(sandbox.warnings).toEqual([expect.stringContaining('Momento refuses the current key')]);
  });

  test('is accepted with a warning if the current key has expired', async () => {
    const harness = await startWithSuccessor({
      secretString: (momento) => momento.issueKey({ permissions: [{ role: 'subscribeonly' }] }).secretString,
    });
    const { firstVersionId, versionId } = harness;
    harness.momento.revokeKey((await harness.value(firstVersionId))?.['apiKey'] as string);
    const expired = { ...(await harness.value(firstVersionId)), validUntil: '1' };
    const operators = await harness.put(JSON.stringify(expired));
    await harness.moveLabel('AWSPENDING', { to: versionId });
    const sandbox = harness.sandbox();

    expect(await sandbox.run('testSecret')).toBe('accepted');
    expect(sandbox.warnings).toEqual([expect.stringContaining('Momento refuses the current key')]);
    expect((await harness.labels())[operators]).toEqual(['AWSCURRENT']);
  });

  test('is kept for later if there is no verdict on the current key', async () => {
    const harness = await startWithSuccessor();
    harness.momento.faults.add({ call: 'Get', mishap: denied }, { call: 'Get', mishap: down, ...always });

    await expect(harness.sandbox().run('testSecret')).rejects.toMatchObject({
      failure: 'transient',
      message: expect.stringContaining('gave no verdict on whether the current key may (SERVER_UNAVAILABLE)'),
    });
    expect((await harness.labels())[harness.versionId]).toEqual(['AWSPENDING']);
  });
});
