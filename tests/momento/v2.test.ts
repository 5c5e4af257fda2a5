import { randomUUID } from 'node:crypto';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import type { LocalMomento } from '../../src/local/momento/momento.ts';
import { newNonce, readMarker, writeMarker } from '../../src/revocation/marker.ts';
import { readV1 } from './read-v1.ts';
import { ADMIN_SECRET, DAY, HOUR, MINUTE, startV2, type V2Stage, type V2StageOptions } from './v2-stage.ts';

const SUCCESS = ['issued', 'nothing to set', 'accepted', 'promoted'];

async function rotateAll(stage: V2Stage, times: number, pauseMs = DAY): Promise<void> {
  for (let rotation = 0; rotation < times; rotation += 1) {
    expect((await stage.rotate()).outcomes).toEqual(SUCCESS);
    stage.pass(pauseMs);
  }
}

describe('a rotation', () => {
  test('has a key with the same role, description and lifetime generated, pinged and promoted', async () => {
    const stage = await startV2();
    const { momento } = stage;
    const before = await stage.value();
    const [predecessor] = Object.keys(await stage.labels());

    const { outcomes, versionId } = await stage.rotate();

    expect(outcomes).toEqual(SUCCESS);
    const after = await stage.value();
    expect(after).toEqual({
      ...before,
      apiKey: expect.any(String),
      keyId: expect.any(String),
      validUntil: String(stage.now() / 1000 + 30 * 86_400),
    });
    expect(after.apiKey).not.toBe(before.apiKey);
    expect(after.keyId).toBe(momento.idOf(after.apiKey));
    expect(momento.isValid(after.apiKey)).toBe(true);
    expect(momento.liveV2Keys().find(({ keyId }) => keyId === after.keyId)?.roleId).toBe('operator');
    const description = stage.descriptionOf(after.keyId) ?? '';
    expect(description).toMatch(/^payments \[momento-key-rotation [\w-]{12} [\w-]{22} [\w-]{22} [\w-]{6}\]$/);
    expect(readMarker(description, stage.secretId)).toMatchObject({ versionId, predecessor });
    expect(stage.metrics()['RotationSucceeded']).toEqual([1]);
    expect(stage.warnings()).toEqual([]);
  });

  test.each([
    [90, ''],
    [97, 'payments '],
  ])('gives up what is for humans before it fails, where Momento takes %i characters', async (longest, own) => {
    const stage = await startV2({ momento: { longestDescription: longest } });
    const { versionId } = await stage.rotate();
    const description = stage.descriptionOf((await stage.value()).keyId) ?? '';
    expect(description.slice(0, -88)).toBe(own);
    expect(readMarker(description, stage.secretId)?.versionId).toBe(versionId);
    expect(stage.liveKeys()).toHaveLength(2);
  });

  test('leaves the predecessor and the one before it alone, and the next one revokes that', async () => {
    const stage = await startV2();
    const { momento } = stage;
    const keys = [(await stage.value()).apiKey];
    for (let rotation = 0; rotation < 4; rotation += 1) {
      await stage.rotate();
      keys.push((await stage.value()).apiKey);
      const live = keys.map((key) => momento.isValid(key));
      expect(live.slice(-3).every((isLive) => isLive)).toBe(true);
      expect(live.slice(0, -3).every((isLive) => !isLive)).toBe(true);
      stage.pass(DAY);
    }
    expect(stage.wrongRevocations()).toEqual([]);
    expect(stage.metrics()['RevocationFailed']).toBeUndefined();
  });

  test('makes fifteen calls to Secrets Manager and five to Momento', async () => {
    const stage = await startV2();
    await rotateAll(stage, 2);
    stage.forgetCalls();
    await stage.rotate();

    const calls = stage.callsMade();
    expect([...calls.slice(0, 3).sort(), ...calls.slice(3)]).toEqual([
      ...['DescribeSecret', 'GetSecretValue', 'GetSecretValue', 'GetSecretValue', 'PutSecretValue'],
      'GetSecretValue',
      ...['DescribeSecret', 'UpdateSecretVersionStage'],
      // The current version, the admin key, each version that is labelled or named, and the labels once more.
      ...Array.from({ length: 6 }, () => 'GetSecretValue'),
      'DescribeSecret',
      ...['ListApiKeys', 'GenerateApiKey', 'Get', 'ListApiKeys', 'RevokeApiKey'],
    ]);
  });

  test('in a sandbox for each step does the same', async () => {
    const stage = await startV2({ sandboxes: 'each' });
    await rotateAll(stage, 4);
    expect(stage.liveKeys()).toHaveLength(3);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('without an admin secret is made by the key itself', async () => {
    const stage = await startV2({
      settings: { adminSecrets: [] },
      secretString: (local) => local.issueV2Key({ roleId: 'owner', description: 'itself' }).secretString,
    });
    await rotateAll(stage, 4);
    expect(stage.liveKeys()).toHaveLength(3);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('takes the admin secret that the secret chooses among those that are configured', async () => {
    const stage = await startV2({
      settings: { adminSecrets: ['there/is/none', ADMIN_SECRET] },
      secretString: (local) =>
        JSON.stringify({ ...JSON.parse(local.issueV2Key().secretString), adminSecret: ADMIN_SECRET }),
    });
    await rotateAll(stage, 1);
    expect(await stage.value()).toHaveProperty('adminSecret', ADMIN_SECRET);
  });

  test('of the secret with the admin key is made by that key, too', async () => {
    const stage = await startV2({
      settings: { adminSecrets: ['momento/payments'] },
      secretString: (local) => local.issueV2Key({ roleId: 'owner' }).secretString,
    });
    await rotateAll(stage, 4);
    expect(stage.liveKeys()).toHaveLength(3);
    expect(stage.wrongRevocations()).toEqual([]);
  });
});

describe('the overlap', () => {
  test('is kept when the next rotation comes a minute later', async () => {
    const stage = await startV2();
    await rotateAll(stage, 4, MINUTE);
    expect(stage.liveKeys()).toHaveLength(5);

    stage.pass(HOUR);
    await stage.rotate();
    expect(stage.liveKeys()).toHaveLength(3);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('must not be longer than the time between rotations, or nothing is revoked, which is said', async () => {
    const stage = await startV2({ overlapMs: 3 * DAY });
    await rotateAll(stage, 5);
    expect(stage.liveKeys()).toHaveLength(6);
    expect(stage.warnings().at(-1)).toMatch(/within the overlap, so that none .* is revoked: 1 work besides/);
  });

  test.each([
    ['over', HOUR, 3],
    ['not over', HOUR - 1000, 4],
  ])('is counted from the end of the rotation before: %s', async (_, pauseMs, live) => {
    const stage = await startV2();
    await rotateAll(stage, 2, pauseMs);
    await stage.rotate();
    expect(stage.liveKeys()).toHaveLength(live);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('ends when finishSecret is repeated after it', async () => {
    const stage = await startV2();
    const { apiKey } = await stage.value();
    await stage.rotate();
    stage.pass(MINUTE);
    await stage.rotate();
    expect(stage.momento.isValid(apiKey)).toBe(true);
    stage.pass(2 * HOUR);
    expect(await stage.repeat('finishSecret')).toBe('already current');
    expect(stage.momento.isValid(apiKey)).toBe(false);
    expect(stage.wrongRevocations()).toEqual([]);
  });
});

describe('what an operator does between rotations', () => {
  const versionWith = async (stage: V2Stage, label: string) =>
    Object.entries(await stage.labels()).find(([, labels]) => labels.includes(label))?.[0] ?? '';

  async function goBack(stage: V2Stage): Promise<void> {
    const [from, to] = [await versionWith(stage, 'AWSCURRENT'), await versionWith(stage, 'AWSPREVIOUS')];
    await stage.moveLabel('AWSCURRENT', { from, to });
  }

  test('going back to the version before: the key that was left is revoked after its overlap, not at once', async () => {
    const stage = await startV2({ secretsManager: { pendingAfterSuccess: 'removed' } });
    await rotateAll(stage, 3);
    const left = (await stage.value()).apiKey;
    await goBack(stage);
    stage.pass(5 * MINUTE);

    await stage.rotate();
    expect(stage.momento.isValid(left)).toBe(true);
    stage.pass(DAY);
    await rotateAll(stage, 2);
    expect(stage.momento.isValid(left)).toBe(false);
    expect(stage.liveKeys()).toHaveLength(3);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('storing the key of an older version once more: it is not revoked while it is current, nor within its overlap', async () => {
    const stage = await startV2({ overlapMs: 20 * HOUR });
    await rotateAll(stage, 1);
    const old = await stage.valueText();
    await rotateAll(stage, 2);
    await stage.put(old);
    stage.pass(HOUR);

    for (let rotation = 0; rotation < 8; rotation += 1) {
      await stage.rotate();
      expect(stage.wrongRevocations()).toEqual([]);
      stage.pass(DAY);
    }
    expect(stage.momento.isValid(JSON.parse(old).apiKey)).toBe(false);
  });

  test('storing a key of their own: nothing is revoked that was current a moment ago', async () => {
    const stage = await startV2();
    await rotateAll(stage, 2);
    await stage.put(stage.momento.issueV2Key({ description: 'by hand' }).secretString);
    stage.pass(5 * MINUTE);
    await rotateAll(stage, 1);
    expect(stage.wrongRevocations()).toEqual([]);
    await rotateAll(stage, 3);
    expect(stage.liveKeys()).toHaveLength(3);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('a version with a label of their own is left alone', async () => {
    const stage = await startV2();
    await rotateAll(stage, 1);
    const { apiKey } = await stage.value();
    await stage.moveLabel('CANARY', { to: await versionWith(stage, 'AWSCURRENT') });
    await rotateAll(stage, 3);
    expect(stage.momento.isValid(apiKey)).toBe(true);
    await stage.moveLabel('CANARY', { from: await versionWith(stage, 'CANARY') });
    await rotateAll(stage, 1);
    expect(stage.momento.isValid(apiKey)).toBe(false);
  });

  test('moving the label to an older version just before a revocation: its key stays', async () => {
    const stage = await startV2();
    await rotateAll(stage, 1);
    const older = await versionWith(stage, 'AWSCURRENT');
    const { apiKey } = await stage.value();
    await rotateAll(stage, 1);
    stage.forgetCalls();
    stage.momento.apiKeysFaults.add({ call: 'ListApiKeys', skip: 1, mishap: { kind: 'delay', ms: 500 } });
    const rotation = stage.rotate();
    await expect.poll(() => stage.callsMade(), { interval: 5 }).toContain('UpdateSecretVersionStage');
    await stage.moveLabel('AWSCURRENT', { from: await versionWith(stage, 'AWSCURRENT'), to: older });
    await rotation;

    expect((await stage.value()).apiKey).toBe(apiKey);
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('a value of which it cannot be told which key it holds: nothing is revoked, and that is said', async () => {
    const stage = await startV2();
    await rotateAll(stage, 2);
    const { apiKey, endpoint } = await stage.value();
    await stage.put(JSON.stringify({ apiKey, endpoint }), { stages: ['CANARY'] });

    await stage.rotate();
    expect(stage.liveKeys()).toHaveLength(4);
    expect(stage.warnings().join()).toContain('; nothing was revoked. Field "keyId" is missing.');
    expect(stage.metrics()['RevocationFailed']).toEqual([1]);
  });
});

test.each([
  ['a binary value', { SecretBinary: Buffer.from('{}') }],
  ['a v1 key', undefined],
])(
  'of a label of an operator with %s, which keys that is not can be told, or nothing is revoked',
  async (_, binary) => {
    const stage = await startV2();
    await rotateAll(stage, 2);
    const content = binary ?? { SecretString: stage.momento.issueKey().secretString };
    await stage.operator.send(
      new PutSecretValueCommand({ SecretId: stage.secretId, ...content, VersionStages: ['CANARY'] }),
    );
    await stage.rotate();
    expect(stage.liveKeys()).toHaveLength(binary === undefined ? 3 : 4);
  },
);

describe('keys of others are never touched', () => {
  test('not those without a marker, nor those of a secret with the same name elsewhere', async () => {
    const stage = await startV2();
    const { momento } = stage;
    const theirs = [
      momento.issueV2Key({ description: 'payments' }),
      momento.issueV2Key({
        description: writeMarker(stage.secretId.replace('us-east-1', 'eu-west-1'), {
          versionId: randomUUID(),
          predecessor: randomUUID(),
          nonce: newNonce(),
        }),
      }),
    ];
    await rotateAll(stage, 3);
    expect(theirs.every(({ apiKey }) => momento.isValid(apiKey))).toBe(true);
    expect(stage.liveKeys()).toHaveLength(5);
  });

  test('nor one whose description was copied in the console, at whatever time', async () => {
    const stage = await startV2();
    const copies: string[] = [];
    const copy = () => {
      for (const { description } of stage.momento.liveV2Keys())
        copies.push(stage.momento.issueV2Key({ description }).apiKey);
    };
    for (let rotation = 0; rotation < 3; rotation += 1) {
      await rotateAll(stage, 1, 0);
      copy();
      stage.pass(DAY);
      copy();
    }
    await rotateAll(stage, 3);
    expect(copies.every((key) => stage.momento.isValid(key))).toBe(true);
    expect(stage.warnings().at(-1)).toMatch(/which cannot be proved, and which are left alone.*curl --request DELETE/);
  });

  test('nor a key whose id somebody wrote into the value, where nobody asked for that', async () => {
    const stage = await startV2({ revokesFirstKey: false });
    const theirs = stage.momento.issueV2Key({ description: 'of another team' });
    await stage.put(JSON.stringify({ ...(await stage.value()), keyId: theirs.keyId }));
    await rotateAll(stage, 4);
    expect(stage.momento.isValid(theirs.apiKey)).toBe(true);
  });

  test('nor the key that manages them, although the secret held it first', async () => {
    let first = '';
    const stage = await startV2({
      settings: { roleId: 'owner' },
      secretString: (local) => {
        first = local.issueV2Key({ roleId: 'owner' }).secretString;
        return first;
      },
    });
    await stage.put(first, { secretId: ADMIN_SECRET });
    await rotateAll(stage, 3);
    expect(stage.momento.isValid(JSON.parse(first).apiKey)).toBe(true);
  });
});

test('a marker that somebody made up stops no revocation', async () => {
  const stage = await startV2();
  await rotateAll(stage, 1);
  const { keyId } = await stage.value();
  const [, secret] = (stage.descriptionOf(keyId) ?? '').match(/rotation (\S+)/) ?? [];
  const made = ['.x .y n', `~${'A'.repeat(400)} . n`].map((rest) =>
    stage.momento.issueV2Key({ description: `[momento-key-rotation ${secret} ${rest}]` }),
  );
  await rotateAll(stage, 3);
  expect(stage.liveKeys()).toHaveLength(3 + made.length);
  expect(stage.metrics()['RevocationFailed']).toBeUndefined();
  expect(made.every(({ apiKey }) => stage.momento.isValid(apiKey))).toBe(true);
});

describe('a first key that was made by hand', () => {
  test('is not revoked by itself, and named once a rotation and in the daily check, with the command', async () => {
    const stage = await startV2({ revokesFirstKey: false });
    const { keyId, apiKey } = await stage.value();
    const named = new RegExp(
      `^Keys of ${stage.secretId} that this function did not issue, and leaves alone: 1\\. .*: curl --request DELETE --header "Authorization: \\$ADMIN_KEY" "${stage.momento.apiKeysEndpoint}/api-keys/${keyId}"$`,
    );
    for (let rotation = 1; rotation <= 3; rotation += 1) {
      await rotateAll(stage, 1);
      expect(stage.warnings()).toHaveLength(2 * rotation - 1);
      await stage.check();
      expect(stage.warnings().at(-1)).toMatch(named);
      expect(stage.warnings()).toHaveLength(2 * rotation);
    }
    expect(stage.momento.isValid(apiKey)).toBe(true);
    expect(stage.liveKeys()).toHaveLength(4);
  });

  test('is not named while it is current, nor when an operator went back to it', async () => {
    const stage = await startV2({ revokesFirstKey: false });
    await stage.check();
    const [first = ''] = Object.keys(await stage.labels());
    const { versionId } = await stage.rotate();
    const said = stage.warnings().length;
    await stage.moveLabel('AWSCURRENT', { from: versionId, to: first });
    await stage.check();
    expect(stage.warnings()).toHaveLength(said);
  });
});

describe('a key that was issued for another secret', () => {
  test('is warned of by the rotation, a problem of the daily check, and not revoked from here', async () => {
    const stage = await startV2();
    const description = writeMarker(stage.secretId.replace('payments', 'orders'), {
      versionId: randomUUID(),
      predecessor: randomUUID(),
      nonce: newNonce(),
    });
    const theirs = stage.momento.issueV2Key({ description });
    await stage.put(theirs.secretString);

    await expect(stage.check()).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('was issued for another secret'),
    });
    await rotateAll(stage, 4);
    expect(stage.warnings()[0]).toContain('was issued for another secret');
    expect(stage.momento.isValid(theirs.apiKey)).toBe(true);
    expect(await stage.check()).toHaveProperty('KeysAwaitingRevocation');
  });
});

describe('the lifetime', () => {
  const withoutExpiry = (local: LocalMomento) => local.issueV2Key({ validForSeconds: 'never' }).secretString;

  test.each<[string, V2StageOptions, number | undefined]>([
    ['is that of the predecessor', {}, 30 * 86_400],
    ['is endless where that of the predecessor is', { secretString: withoutExpiry }, undefined],
    ['is as configured', { settings: { lifetimeDays: 7 } }, 7 * 86_400],
    [
      'is as configured, and the secret says it',
      { settings: { lifetimeDays: 7 }, secretString: withoutExpiry },
      7 * 86_400,
    ],
    [
      'is counted from when the value was stored, where the list does not know the predecessor',
      {
        secretString: (local) =>
          JSON.stringify({ ...JSON.parse(local.issueV2Key({ validForSeconds: 3600 }).secretString), keyId: 'unknown' }),
      },
      3600,
    ],
  ])('%s', async (_, options, seconds) => {
    const stage = await startV2(options);
    expect((await stage.rotate()).outcomes).toEqual(SUCCESS);
    const { validUntil } = await stage.value();
    expect(validUntil).toBe(seconds === undefined ? undefined : String(stage.now() / 1000 + seconds));
  });

  test('does not shrink from one rotation to the next', async () => {
    const stage = await startV2();
    await rotateAll(stage, 5);
    expect((await stage.value()).validUntil).toBe(String((stage.now() - DAY) / 1000 + 30 * 86_400));
  });
});

test('what is in the secret beside its key stays as it is', async () => {
  const stage = await startV2({
    secretString: (local) =>
      JSON.stringify(
        { note: ' é ', ...JSON.parse(local.issueV2Key().secretString), numbers: [1.0, 2e3] },
        undefined,
        3,
      ),
  });
  const before = await stage.valueText();
  const old = await stage.value();
  await stage.rotate();
  const fresh = await stage.value();
  expect(await stage.valueText()).toBe(
    before
      .replace(old.apiKey, fresh.apiKey)
      .replace(`"${old.keyId}"`, `"${fresh.keyId}"`)
      .replace(old.validUntil ?? '', fresh.validUntil ?? ''),
  );
});

test('a secret for which no role is configured is not rotated, and a human is told which setting says it', async () => {
  const stage = await startV2({ settings: { roleId: undefined } });
  const { error } = await stage.rotate();
  expect(error).toMatchObject({ failure: 'operator', message: expect.stringContaining('No role is configured') });
  expect(error?.message).not.toContain('cannot be rotated');
});

describe('a v1 secret', () => {
  const v1 = (fields: object) => (local: LocalMomento) =>
    JSON.stringify({ note: 'kept', ...JSON.parse(local.issueKey().secretString), ...fields });

  test.each<[string, V2StageOptions]>([
    [
      'by an admin secret that it chooses',
      {
        settings: { adminSecrets: ['there/is/none', ADMIN_SECRET] },
        secretString: v1({ roleId: 'operator', adminSecret: ADMIN_SECRET }),
      },
    ],
    ['as the function is configured', { secretString: v1({}) }],
  ])('is brought over to v2 in one rotation, %s', async (_, options) => {
    const stage = await startV2(options);
    const before = readV1(await stage.valueText());
    await rotateAll(stage, 1);

    const after = await stage.value();
    expect(after).toMatchObject({ note: 'kept', endpoint: stage.momento.endpoint, roleId: 'operator' });
    expect(after).not.toHaveProperty('refreshToken');
    expect(stage.momento.isValid(after.apiKey)).toBe(true);
    expect(stage.momento.isValid(before.apiKey.encoded)).toBe(true);
    expect(after.validUntil).toBe(String((stage.now() - DAY) / 1000 + 30 * 86_400));

    await rotateAll(stage, 3);
    expect(stage.liveKeys()).toHaveLength(3);
    expect(stage.momento.isValid(before.apiKey.encoded)).toBe(true);
    expect(stage.wrongRevocations()).toEqual([]);
  });

  test('into whose version in rotation an operator puts a v2 key is rotated to that', async () => {
    const stage = await startV2({ settings: { adminSecrets: [] }, secretString: v1({}) });
    stage.momento.faults.add({
      call: 'RefreshApiToken',
      mishap: { kind: 'error', error: { code: 'UNAUTHENTICATED' } },
    });
    const { versionId } = await stage.rotate();
    await stage.put(stage.momento.issueV2Key().secretString, { versionId, stages: ['AWSPENDING'] });
    expect((await stage.retry()).outcomes).toEqual(['already issued', ...SUCCESS.slice(1)]);
    expect(stage.liveKeys()).toHaveLength(1);
  });

  test('stays v1 where no role is configured', async () => {
    const stage = await startV2({ settings: { roleId: undefined }, secretString: v1({}) });
    stage.forgetCalls();
    await rotateAll(stage, 2);
    expect(stage.callsMade()).toHaveLength(18);
    expect(readV1(await stage.valueText()).version).toBe(1);
  });

  test('stays v1 where a field happens to be called roleId, and there is no admin', async () => {
    const stage = await startV2({ settings: { adminSecrets: [] }, secretString: v1({ roleId: 'mine' }) });
    await rotateAll(stage, 1);
    expect(readV1(await stage.valueText()).roleId).toBe('mine');
  });
});
