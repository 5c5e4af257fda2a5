import { describe, expect, test } from 'vitest';
import type { Mishap } from '../../src/local/faults.ts';
import type { HttpError } from '../../src/local/momento/calls.ts';
import type { AwsError } from '../../src/local/secrets-manager/secrets-manager-errors.ts';
import { ADMIN_SECRET, DAY, startV2, type V2Stage, type V2StageOptions } from './v2-stage.ts';

/** Two rotations have been made, so that the next one has a key to revoke. */
async function startRotated(options: V2StageOptions = {}): Promise<V2Stage> {
  const stage = await startV2(options);
  for (let rotation = 0; rotation < 2; rotation += 1) {
    expect((await stage.rotate()).error).toBeUndefined();
    stage.pass(DAY);
  }
  return stage;
}

const currentKey = async (stage: V2Stage) => (await stage.value()).apiKey;

/** The rotation under way is brought to its end, and another one is made, a day later. */
async function recover(stage: V2Stage, failed: Error | undefined): Promise<void> {
  stage.momento.apiKeysFaults.clear();
  stage.momento.faults.clear();
  stage.secretsManager.faults.clear();
  stage.configure({ killAfter: undefined, strike: undefined });
  if (failed !== undefined) await stage.retry();
  stage.pass(DAY);
  const { error } = await stage.rotate();
  expect(error).toBeUndefined();
}

/** The current key, the one before, and the one that was that until the last rotation. */
async function expectClean(stage: V2Stage): Promise<void> {
  expect(stage.liveKeys()).toHaveLength(3);
  expect(stage.wrongRevocations()).toEqual([]);
  expect(stage.momento.isValid(await currentKey(stage))).toBe(true);
}

const HTTP_MISHAPS: Record<string, Mishap<HttpError>> = {
  'a server error': { kind: 'error', error: { status: 500 } },
  throttling: { kind: 'error', error: { status: 429 } },
  'a refusal': { kind: 'error', error: { status: 403 } },
  'a reset connection': { kind: 'disconnect' },
  'an answer that is none': { kind: 'malformed' },
};

/** The calls of a rotation to the HTTP API, in their order. */
const HTTP_CALLS = [
  ['the list before the key is generated', 'ListApiKeys', 0],
  ['the key is generated', 'GenerateApiKey', 0],
  ['the list after the promotion', 'ListApiKeys', 1],
  ['the revocation', 'RevokeApiKey', 0],
] as const;

const TIMES = [
  ['once', 1],
  ['until the rotation is over', Number.POSITIVE_INFINITY],
] as const;

describe.each(HTTP_CALLS)('%s', (_, call, skip) => {
  describe.each(Object.entries(HTTP_MISHAPS))('meets %s', (__, mishap) => {
    test.each(
      (['before', 'after'] as const).flatMap((at) => TIMES.map(([often, times]) => [at, often, times] as const)),
    )('%s its effect, %s', async (at, ___, times) => {
      const stage = await startRotated();
      const before = await currentKey(stage);
      stage.momento.apiKeysFaults.add({ call, skip, at, mishap, times });

      const { error } = await stage.rotate();

      // Whatever concerns the older keys fails no rotation.
      if (skip === 1 || call === 'RevokeApiKey') expect(error).toBeUndefined();
      if (error !== undefined) expect(await currentKey(stage)).toBe(before);
      expect(stage.momento.isValid(await currentKey(stage))).toBe(true);
      expect(stage.momento.isValid(before)).toBe(true);
      await recover(stage, error);
      await expectClean(stage);
    });
  });

  test.each(['before', 'after'] as const)('is not answered, %s its effect', async (at) => {
    const stage = await startRotated({ remainingMs: 3000 });
    stage.momento.apiKeysFaults.add({ call, skip, at, mishap: { kind: 'silence' } });
    const { error } = await stage.rotate();
    expect(error).toBeUndefined();
    await recover(stage, error);
    await expectClean(stage);
  });
});

const AWS_MISHAPS: Record<string, Mishap<AwsError>> = {
  'a server error': { kind: 'error', error: { code: 'InternalServiceError', message: 'Broken', status: 500 } },
  'a refusal': { kind: 'error', error: { code: 'AccessDeniedException', message: 'Not authorized' } },
  'a reset connection': { kind: 'disconnect' },
};

describe.each(['PutSecretValue', 'UpdateSecretVersionStage'])('%s, which changes something,', (call) => {
  describe.each(Object.entries(AWS_MISHAPS))('meets %s', (_, mishap) => {
    test.each(
      (['before', 'after'] as const).flatMap((at) => TIMES.map(([often, times]) => [at, often, times] as const)),
    )('%s its effect, %s', async (at, __, times) => {
      const stage = await startRotated();
      stage.secretsManager.faults.add({ call, at, mishap, times });
      const { error } = await stage.rotate();
      expect(stage.momento.isValid(await currentKey(stage))).toBe(true);
      await recover(stage, error);
      await expectClean(stage);
    });
  });
});

/** As many as a rotation makes, where each step has a sandbox of its own. */
const CALLS_TO_SECRETS_MANAGER = 18;

describe.each(Object.entries(AWS_MISHAPS))('Secrets Manager: %s', (_, mishap) => {
  describe.each(['before', 'after'] as const)('%s the effect', (at) => {
    test.each(Array.from({ length: CALLS_TO_SECRETS_MANAGER }, (__, call) => call))('of call %i', async (call) => {
      const stage = await startRotated({ sandboxes: 'each' });
      stage.configure({ strike: { call, fault: { at, mishap } } });
      const { error } = await stage.rotate();
      expect(stage.secretsManager.calls.some(({ fault }) => fault !== undefined)).toBe(true);
      await recover(stage, error);
      await expectClean(stage);
    });
  });
});

describe('the sandbox is killed', () => {
  test.each(['ListApiKeys', 'GenerateApiKey', 'Get', 'RevokeApiKey'])('after %s', async (killAfter) => {
    const stage = await startRotated();
    stage.configure({ killAfter });
    const { error } = await stage.rotate();
    expect(error?.message).toBe('Runtime.ExitError');
    await recover(stage, error);
    await expectClean(stage);
  });

  test('again and again, with a key generated each time: the one that stores at last revokes the others', async () => {
    const stage = await startRotated();
    stage.configure({ killAfter: 'GenerateApiKey' });
    await stage.rotate();
    for (let retry = 0; retry < 3; retry += 1) {
      stage.configure({ killAfter: 'GenerateApiKey' });
      await stage.retry();
    }
    expect(stage.liveKeys()).toHaveLength(7);

    stage.configure({ killAfter: undefined });
    expect((await stage.retry()).error).toBeUndefined();
    await expectClean(stage);
  });
});

describe('a key that cannot be stored', () => {
  const denied: Mishap<AwsError> = {
    kind: 'error',
    error: { code: 'AccessDeniedException', message: 'Not authorized' },
  };

  test('is revoked', async () => {
    const stage = await startRotated();
    const live = stage.liveKeys();
    stage.secretsManager.faults.add({ call: 'PutSecretValue', mishap: denied, times: Number.POSITIVE_INFINITY });
    const { error } = await stage.rotate();

    expect(error?.message).toMatch(/could not be stored\. .* It is lost: nobody holds it, and it was revoked\./);
    expect(stage.liveKeys()).toEqual(live);
  });

  test('is tried to be stored, however short the time is', async () => {
    const stage = await startRotated({ remainingMs: 1500 });
    // Time passes: each call takes 150 ms.
    stage.momento.subscribe(() => stage.pass(150));
    expect((await stage.rotate()).outcomes[0]).toBe('issued');
  });

  test('and cannot be revoked either, is revoked by the next try', async () => {
    const stage = await startRotated();
    stage.secretsManager.faults.add({ call: 'PutSecretValue', mishap: denied, times: Number.POSITIVE_INFINITY });
    stage.momento.apiKeysFaults.add({ call: 'RevokeApiKey', mishap: { kind: 'error', error: { status: 403 } } });
    const { error } = await stage.rotate();

    expect(error?.message).toContain('nobody holds it, and it is revoked by the next rotation.');
    expect(stage.liveKeys()).toHaveLength(4);
    expect(stage.metrics()['RevocationFailed']).toEqual([1]);

    stage.secretsManager.faults.clear();
    await stage.retry();
    await expectClean(stage);
  });

  test('because an operator ended the rotation, is revoked', async () => {
    const stage = await startRotated();
    stage.configure({
      onSleep: async () => {
        const [id = ''] = Object.entries(await stage.labels()).find(([, [label]]) => label === 'AWSPENDING') ?? [];
        if (id !== '') await stage.moveLabel('AWSPENDING', { from: id });
      },
    });
    stage.secretsManager.faults.add({ call: 'PutSecretValue', mishap: denied });
    const { error } = await stage.rotate();

    expect(error?.message).toMatch(/is not staged as AWSPENDING.*it was revoked\./);
    expect(stage.liveKeys()).toHaveLength(3);
  });

  test('because another sandbox was faster, is revoked', async () => {
    const stage = await startRotated();
    stage.forgetCalls();
    stage.secretsManager.faults.add({ call: 'PutSecretValue', mishap: { kind: 'delay', ms: 500 } });
    const rotation = stage.rotate();
    await expect.poll(() => stage.momento.calls.at(-1)?.rpc, { interval: 5 }).toBe('GenerateApiKey');
    expect(await stage.repeat('createSecret')).toBe('issued');
    const { outcomes } = await rotation;

    expect(outcomes[0]).toBe('already issued elsewhere');
    expect(stage.warnings().join()).toContain('nobody holds it, and it was revoked.');
    await expectClean(stage);
  });

  test('although no put was answered, is kept until it is known what is stored', async () => {
    const stage = await startRotated();
    const lost = { call: 'PutSecretValue', at: 'after', mishap: { kind: 'disconnect' } } as const;
    stage.secretsManager.faults.add({ ...lost, times: Number.POSITIVE_INFINITY });
    const { error, versionId } = await stage.rotate();

    expect(error?.message).toContain('It may be stored all the same');
    expect(stage.momento.isValid((await stage.value(versionId)).apiKey)).toBe(true);
    stage.secretsManager.faults.clear();
    expect((await stage.retry()).outcomes).toEqual(['already issued', 'nothing to set', 'accepted', 'promoted']);
    await expectClean(stage);
  });
});

describe('a finishSecret that comes late', () => {
  test('leaves alone what the next rotation has had generated and not yet stored', async () => {
    const stage = await startRotated();
    const { versionId } = await stage.rotate();
    stage.pass(DAY);
    stage.configure({ killAfter: 'GenerateApiKey' });
    await stage.rotate();
    const [generated = ''] = stage.liveKeys().slice(-1);

    expect(await stage.late('finishSecret', versionId)).toBe('already current');
    expect(stage.liveKeys()).toContain(generated);
    expect(stage.warnings()).toEqual([]);
  });

  test('also if that begins while it is at work', async () => {
    const stage = await startRotated();
    const { versionId } = await stage.rotate();
    stage.pass(DAY);
    stage.configure({ killAfter: 'GenerateApiKey' });
    stage.momento.apiKeysFaults.add({ call: 'ListApiKeys', mishap: { kind: 'delay', ms: 800 } });
    stage.forgetCalls();
    const late = stage.late('finishSecret', versionId);
    await expect
      .poll(() => stage.callsMade().filter((call) => call === 'GetSecretValue').length, { interval: 5 })
      .toBe(2);
    // The list is under way.
    await stage.rotate();
    const [generated = ''] = stage.liveKeys().slice(-1);

    expect(await late).toBe('already current');
    expect(stage.liveKeys()).toContain(generated);
    expect(stage.wrongRevocations()).toEqual([]);
  });
});

describe('a pending key that is given up', () => {
  const refused = { call: 'Get', mishap: { kind: 'error', error: { code: 'UNAUTHENTICATED' } } } as const;

  test.each(['one', 'each'] as const)('is left alone, and revoked later, with sandboxes: %s', async (sandboxes) => {
    const stage = await startRotated({ sandboxes });
    stage.momento.faults.add({ ...refused, times: Number.POSITIVE_INFINITY });
    const { error, versionId } = await stage.rotate();

    expect(error).toMatchObject({ failure: 'permanent' });
    // It may have been current for a while, and then have been moved from.
    expect(stage.momento.isValid((await stage.value(versionId)).apiKey)).toBe(true);
    await recover(stage, undefined);
    stage.pass(DAY);
    await stage.rotate();
    stage.pass(DAY);
    await stage.rotate();
    expect(stage.momento.isValid((await stage.value(versionId)).apiKey)).toBe(false);
    await expectClean(stage);
  });

  test('because it is a copy of the current one, is not revoked', async () => {
    const stage = await startRotated();
    const versionId = (await stage.rotate()).versionId;
    stage.pass(DAY);
    const copy = await stage.valueText(versionId);
    stage.momento.faults.add({ ...refused, times: Number.POSITIVE_INFINITY });
    stage.configure({ killAfter: 'ListApiKeys' });
    const failed = await stage.rotate();
    stage.configure({ killAfter: undefined });
    await stage.put(copy, { versionId: failed.versionId, stages: ['AWSPENDING'] });
    await expect(stage.repeat('testSecret')).rejects.toMatchObject({ failure: 'permanent' });

    expect(stage.momento.isValid(JSON.parse(copy).apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });
});

describe('a revocation that fails', () => {
  test('because there is no list, in createSecret, is made up for by finishSecret', async () => {
    const stage = await startRotated();
    const { apiKeysFaults } = stage.momento;
    apiKeysFaults.add({ call: 'GenerateApiKey', at: 'after', mishap: { kind: 'malformed' } });
    apiKeysFaults.add({ call: 'ListApiKeys', skip: 1, mishap: { kind: 'error', error: { status: 403 } } });
    expect((await stage.rotate()).error).toBeUndefined();
    expect(stage.metrics()['RevocationFailed']).toEqual([1]);
    await expectClean(stage);
  });

  test('because it is refused, in createSecret, is made up for by finishSecret', async () => {
    const stage = await startRotated();
    const { apiKeysFaults } = stage.momento;
    apiKeysFaults.add({ call: 'GenerateApiKey', at: 'after', mishap: { kind: 'malformed' } });
    apiKeysFaults.add({ call: 'RevokeApiKey', mishap: { kind: 'error', error: { status: 403 } } });
    expect((await stage.rotate()).error).toBeUndefined();
    expect(stage.metrics()['RevocationFailed']).toEqual([1]);
    expect(stage.warnings().at(-1)).toMatch(/^A key that nobody uses could not be revoked/);
    await expectClean(stage);
  });

  test('is said, counted, and made up for', async () => {
    const stage = await startRotated();
    const fault = { call: 'RevokeApiKey', mishap: { kind: 'error', error: { status: 403 } } } as const;
    // The oldest, twice; the one after it waits, since nothing else tells of the oldest.
    stage.momento.apiKeysFaults.add({ ...fault, times: 2 });
    for (const live of [4, 5]) {
      expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');
      expect(stage.liveKeys()).toHaveLength(live);
      stage.pass(DAY);
    }
    expect(stage.metrics()['RevocationFailed']).toEqual([1, 1]);
    expect(stage.warnings()[0]).toMatch(
      /^A key that nobody uses could not be revoked, .* Momento refuses its registry of keys \(HTTP 403\)\. .*MOMENTO_ADMIN_SECRET/,
    );

    await stage.rotate();
    await expectClean(stage);
  });

  test('of the first key, which has no marker, is made up for as well', async () => {
    const stage = await startV2();
    await stage.rotate();
    stage.momento.apiKeysFaults.add({
      call: 'RevokeApiKey',
      mishap: { kind: 'error', error: { status: 403 } },
      times: 3,
    });
    for (let rotation = 0; rotation < 5; rotation += 1) {
      stage.pass(DAY);
      await stage.rotate();
    }
    await expectClean(stage);
  });
});

describe('a list that cannot be read', () => {
  test.each([
    ['refused', { status: 403 }, 'Momento refuses its registry of keys (HTTP 403).'],
    ['refused as if it were invalid', { status: 400 }, 'Momento refuses its registry of keys (HTTP 400).'],
    ['broken', { status: 500 }, 'Momento did not answer for its registry of keys (HTTP 500).'],
  ])('because it is %s, keeps no key from being generated', async (_, error, reason) => {
    const stage = await startRotated();
    const before = await stage.value();
    stage.momento.apiKeysFaults.add({
      call: 'ListApiKeys',
      mishap: { kind: 'error', error },
      times: Number.POSITIVE_INFINITY,
    });
    expect((await stage.rotate()).outcomes.at(-1)).toBe('promoted');

    expect(stage.warnings()[0]).toContain(
      `Cannot look up the description and the lifetime of the current key. ${reason}`,
    );
    expect(stage.warnings().at(-1)).toContain('Cannot determine whether keys are to be revoked; nothing was revoked.');
    const { roleId, validUntil } = await stage.value();
    expect(roleId).toBe(before.roleId);
    // Counted from when the value was stored, which is a moment after the key was generated.
    expect(Math.abs(Number(validUntil) - stage.now() / 1000 - 30 * 86_400)).toBeLessThan(60);
    await recover(stage, undefined);
    await expectClean(stage);
  });
});

describe('where keys are generated, and the answers are', () => {
  test.each<[string, Mishap<HttpError>, number]>([
    ['lost', { kind: 'disconnect' }, 0],
    ['unreadable', { kind: 'malformed' }, 0],
    ['lost, and the list does not tell of them yet', { kind: 'disconnect' }, 3],
  ])('%s, a try leaves few behind, and the next rotation none', async (_, mishap, left) => {
    const stage = await startRotated({ momento: { newKeyListedAfterLists: left === 0 ? 0 : 3 } });
    const before = stage.liveKeys().length;
    stage.momento.apiKeysFaults.add({ call: 'GenerateApiKey', at: 'after', mishap, times: Number.POSITIVE_INFINITY });
    const { error } = await stage.rotate();
    expect(error?.failure).toBe('transient');
    expect(stage.liveKeys()).toHaveLength(before + left);

    for (let retry = 1; retry < 5; retry += 1) await stage.retry();
    expect(stage.liveKeys().length).toBeLessThanOrEqual(before + 5 * left);
    stage.momento.apiKeysFaults.clear();
    for (let list = 0; list < 3; list += 1) await stage.check();
    expect((await stage.retry()).outcomes.at(-1)).toBe('promoted');
    if (left === 0) await expectClean(stage);
    for (let rotation = 0; rotation < 4; rotation += 1) {
      stage.pass(DAY);
      // A list of a day later knows what was generated the day before.
      await stage.check();
      await stage.check();
      await stage.rotate();
    }
    await expectClean(stage);
  });
});

test('what was generated by an attempt that was not answered is revoked at once, and nothing that others had generated', async () => {
  const stage = await startRotated();
  stage.configure({ killAfter: 'GenerateApiKey' });
  await stage.rotate();
  stage.configure({ killAfter: undefined });
  const live = stage.liveKeys();
  expect(live).toHaveLength(4);

  stage.momento.apiKeysFaults.add({ call: 'GenerateApiKey', at: 'after', mishap: { kind: 'malformed' } });
  const unavailable = { kind: 'error', error: { code: 'UNAVAILABLE' } } as const;
  stage.momento.faults.add({ call: 'Get', mishap: unavailable, times: Number.POSITIVE_INFINITY });
  const { versionId } = await stage.retry();
  const pending = JSON.parse(await stage.valueText(versionId)).keyId;
  // Those before, the other sandbox's, and the one that is pending: only the end of the rotation knows that the other's is of no use.
  expect(stage.liveKeys()).toEqual([...live, pending]);

  stage.momento.faults.clear();
  expect((await stage.retry()).error).toBeUndefined();
  await expectClean(stage);
});

describe('what Momento leaves open', () => {
  test.each<[string, NonNullable<V2StageOptions['momento']>, number]>([
    ['a list that knows new keys late', { newKeyListedAfterLists: 1 }, 3],
    ['a list that knows new keys a rotation late', { newKeyListedAfterLists: 3 }, 4],
    ['a list that knows revocations late', { revokedKeyListedForLists: 2 }, 3],
    ['a second revocation that is answered well', { revokedKeyListedForLists: 2, secondRevocation: 'OK' }, 3],
    ['a list with the newest first', { listOrder: 'newestFirst' }, 3],
    ['a list with expired keys', { expiredKeys: 'kept' }, 3],
    ['keys that are not known everywhere at once', { newKeyKnownAfterCalls: 2 }, 3],
  ])('%s', async (_, momento, live) => {
    const stage = await startRotated({ momento });
    stage.momento.apiKeysFaults.add({ call: 'GenerateApiKey', at: 'after', mishap: { kind: 'malformed' } });
    for (let rotation = 0; rotation < 6; rotation += 1) {
      expect((await stage.rotate()).error).toBeUndefined();
      stage.pass(DAY);
      await stage.check();
    }
    expect(stage.liveKeys().length).toBeLessThanOrEqual(live);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test.each(['stable', 'shifting', 'sparse'] as const)(
    'pages that are %s, of an account with many keys',
    async (paging) => {
      const stage = await startV2({ momento: { paging } });
      for (let key = 0; key < 230; key += 1) stage.momento.issueV2Key({ description: 'of another application' });
      for (let rotation = 0; rotation < 3; rotation += 1) {
        expect((await stage.rotate()).error).toBeUndefined();
        stage.pass(DAY);
      }
      expect(stage.liveKeys()).toHaveLength(233);
      expect(stage.wrongRevocations()).toEqual([]);
    },
  );
});

describe('nothing is generated, the current key stays, and the failure says what to do, when', () => {
  interface Case {
    options?: V2StageOptions;
    arrange?: (stage: V2Stage) => unknown;
    says: RegExp;
  }
  const withCustomRole: V2StageOptions = {
    settings: { roleId: 'custom' },
    secretString: (local) => {
      local.createRole({ roleId: 'custom', permissions: 'super-user', mayManageKeys: false });
      return local.issueV2Key({ roleId: 'custom' }).secretString;
    },
  };
  const cases: Record<string, Case> = {
    'the admin key lacks the right': {
      options: { adminRole: 'operator' },
      says: /\(HTTP 403\)\. The current key still works.* does not let the key in the secret that MOMENTO_ADMIN_SECRET names manage keys\. Give the right/,
    },
    'the key itself has to manage keys, and lacks the right': {
      options: { settings: { adminSecrets: [] } },
      says: /\(HTTP 403\)\. The current key still works.* does not let the key in this secret manage keys\./,
    },
    'the admin key has expired, as its secret says': {
      options: { adminLifetime: 60 },
      arrange: (stage) => stage.pass(61_000),
      says: /^The key in the secret that MOMENTO_ADMIN_SECRET names, which manages the one in this secret, cannot be used\. It expired on .*\. [Ss]tore a fresh key\./,
    },
    'the admin key was revoked': {
      arrange: async (stage) => stage.momento.revokeKey(JSON.parse(await adminValue(stage)).apiKey),
      says: /\(HTTP 401\)\. The current key still works.* does not accept the key in the secret that MOMENTO_ADMIN_SECRET names, .* [Ss]tore a fresh key/,
    },
    'there is no admin secret': {
      options: { settings: { adminSecrets: ['momento/none'] } },
      says: /^The key in the secret that MOMENTO_ADMIN_SECRET names, ((?!momento\/none).)* There is no such secret, or it has no current value/,
    },
    'the function may not read the admin secret': {
      arrange: (stage) =>
        stage.secretsManager.faults.add({
          call: 'GetSecretValue',
          // The current value and the pending one may be read.
          skip: 2,
          times: Number.POSITIVE_INFINITY,
          mishap: { kind: 'error', error: { code: 'AccessDeniedException', message: 'Not authorized' } },
        }),
      says: /^The key in the secret that MOMENTO_ADMIN_SECRET names, .* Secrets Manager refused GetSecretValue: AccessDeniedException/,
    },
    'the admin secret holds a v1 key': {
      arrange: (stage) => stage.put(stage.momento.issueKey().secretString, { secretId: ADMIN_SECRET }),
      says: /^The key in the secret that MOMENTO_ADMIN_SECRET names, .* It is a v1 API key, which cannot manage keys/,
    },
    'the admin secret holds no key': {
      arrange: (stage) => stage.put('{}', { secretId: ADMIN_SECRET }),
      says: /^The key in the secret that MOMENTO_ADMIN_SECRET names, .* Field "apiKey" is missing/,
    },
    'the role was deleted, and its keys may do nothing': {
      options: { ...withCustomRole, momento: { keysOfDeletedRole: 'denied' } },
      arrange: (stage) => stage.momento.deleteRole('custom'),
      says: /\(HTTP 404\)\. It knows the current key, but does not let it do what the ping does\. There is no such role as MOMENTO_ROLES or MOMENTO_ROLE_ID says/,
    },
    'the role was deleted, and its keys with it': {
      options: { ...withCustomRole, momento: { keysOfDeletedRole: 'revoked' } },
      arrange: (stage) => stage.momento.deleteRole('custom'),
      says: /\(HTTP 404\)\. It refuses the current key as well: applications that use it are failing now\. There is no such role/,
    },
    'the role was deleted, and its keys are as before': {
      options: { ...withCustomRole, momento: { keysOfDeletedRole: 'kept' } },
      arrange: (stage) => stage.momento.deleteRole('custom'),
      says: /\(HTTP 404\)\. The current key still works, .* There is no such role as MOMENTO_ROLES or MOMENTO_ROLE_ID says/,
    },
    'Momento does not take the request': {
      options: { momento: { longestDescription: 10 } },
      says: /\(HTTP 400\)\. The current key still works.*Check the role in MOMENTO_ROLES or MOMENTO_ROLE_ID, MOMENTO_KEY_LIFETIME_DAYS/,
    },
    'the role of v2 keys that succeed v1 keys does not exist': {
      options: { settings: { roleId: 'none' }, secretString: (local) => local.issueKey().secretString },
      says: /\(HTTP 404\)\. The current key still works.* There is no such role as MOMENTO_ROLES or MOMENTO_ROLE_ID says/,
    },
    'another service answers': {
      arrange: ({ momento }) =>
        momento.apiKeysFaults.add({ call: 'GenerateApiKey', mishap: { kind: 'error', error: { status: 405 } } }),
      says: /\(HTTP 405\)\. .* Check MOMENTO_API_KEYS_ENDPOINT\./,
    },
    'there is no such API': {
      arrange: ({ momento }) => {
        for (const call of ['ListApiKeys', 'GenerateApiKey']) {
          const times = Number.POSITIVE_INFINITY;
          momento.apiKeysFaults.add({ call, times, mishap: { kind: 'error', error: { status: 404 } } });
        }
      },
      says: /\(HTTP 404\)\. The current key still works.* If there is one, check MOMENTO_API_KEYS_ENDPOINT\./,
    },
  };

  const adminValue = (stage: V2Stage) => stage.valueText(undefined, ADMIN_SECRET);

  test.each(Object.entries(cases))('%s', async (_, { options, arrange, says }) => {
    const stage = await startV2(options);
    const before = await stage.valueText();
    await arrange?.(stage);
    const live = stage.momento.liveV2Keys().length;

    const { error, versionId } = await stage.rotate();

    expect(error).toMatchObject({ failure: 'operator', message: expect.stringMatching(says) });
    stage.secretsManager.faults.clear();
    expect(await stage.valueText()).toBe(before);
    expect((await stage.labels())[versionId]).toEqual(['AWSPENDING']);
    expect(stage.momento.liveV2Keys()).toHaveLength(live);
    expect(stage.metrics()['RevocationFailed']).toBeUndefined();
  });

  test('but a Secrets Manager that does not answer for the admin secret is asked again later', async () => {
    const stage = await startV2();
    const broken = { code: 'InternalServiceError', message: 'Broken', status: 500 };
    stage.configure({
      onSleep: () =>
        stage.secretsManager.faults.add({ call: 'GetSecretValue', mishap: { kind: 'error', error: broken } }),
      strike: { call: 3, fault: { mishap: { kind: 'error', error: broken } } },
    });
    const { error } = await stage.rotate();
    expect(error).toMatchObject({
      failure: 'transient',
      message: expect.stringContaining('did not answer GetSecretValue'),
    });
  });

  test('once the right is given, the next try succeeds', async () => {
    const stage = await startV2({ adminRole: 'operator' });
    await stage.rotate();
    await stage.put(stage.momento.issueV2Key({ roleId: 'owner' }).secretString, { secretId: ADMIN_SECRET });
    expect((await stage.retry()).error).toBeUndefined();
  });
});
