import { CreateSecretCommand, GetSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { type StandIns, startStandIns } from '../../src/local/stand-ins.ts';

const HOUR_MS = 3_600_000;

const managed = {
  MOMENTO_ADMIN_SECRET: 'momento/admin',
  MOMENTO_ROLE_ID: 'operator',
  MOMENTO_REVOKE_FIRST_KEY: 'momento/other, momento/key',
};

let standIns: StandIns;
const output: string[] = [];
/** Of the services, behind that of the function. */
let lateMs: number;

async function start(environment: Record<string, string>, { late = 0 }: { late?: number } = {}): Promise<string> {
  lateMs = late;
  output.length = 0;
  const now = () => new Date(Date.now() - lateMs);
  standIns = await startStandIns({
    secretsManager: { now },
    momento: { now },
    lambda: { environment, onLog: (line) => output.push(line) },
  });
  const { client, momento } = standIns;
  const admin = momento.issueV2Key({ roleId: 'owner', validForSeconds: 'never' }).secretString;
  await client.send(new CreateSecretCommand({ Name: 'momento/admin', SecretString: admin }));
  const { secretString } = momento.issueV2Key({ description: 'payments' });
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: 'momento/key', SecretString: secretString }));
  return ARN;
}
afterEach(() => standIns.close());

async function rotate(SecretId: string): Promise<string> {
  const { client, lambda, secretsManager } = standIns;
  const rotation = { RotationLambdaARN: lambda.functionArn, RotationRules: { AutomaticallyAfterDays: 1 } };
  await client.send(new RotateSecretCommand({ SecretId, ...rotation }));
  await secretsManager.rotationSettled();
  return currentKey(SecretId);
}

async function currentKey(SecretId: string): Promise<string> {
  const { SecretString = '{}' } = await standIns.client.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(SecretString).apiKey;
}

describe('the built function', () => {
  test('generates v2 keys, and revokes the one before the last two when the overlap is over', async () => {
    const secretId = await start({ ...managed, MOMENTO_OVERLAP_SECONDS: '1800' }, { late: 2 * HOUR_MS });
    const { momento, secretsManager } = standIns;
    const keys = [await currentKey(secretId), await rotate(secretId)];
    lateMs = HOUR_MS;
    keys.push(await rotate(secretId));
    expect(keys.map((key) => momento.isValid(key))).toEqual([true, true, true]);
    lateMs = 0;
    keys.push(await rotate(secretId));
    expect(keys.map((key) => momento.isValid(key))).toEqual([false, true, true, true]);
    keys.push(await rotate(secretId));
    expect(keys.map((key) => momento.isValid(key))).toEqual([false, true, true, true, true]);
    expect(new Set(keys).size).toBe(5);
    expect(
      secretsManager.calls.every(({ outcome }) => outcome === 'ok' || outcome === 'ResourceNotFoundException'),
    ).toBe(true);

    const said = output.join('\n');
    for (const secret of momento.secretsInPlay()) expect(said).not.toContain(secret);
  });

  describe('revokes on schedule', () => {
    const revoke = { RevokeRetiredKeys: ['momento/key', 'momento/admin'] };
    const scheduled = { ...managed, MOMENTO_REVOKE_ON_SCHEDULE: 'true' };
    const mishap = (status: number) => ({ kind: 'error', error: { status } }) as const;
    /** An hour after it, as the services have it. */
    const rotateAnHourAgo = async () => {
      const secretId = await start({ ...scheduled, MOMENTO_OVERLAP_SECONDS: '1800' }, { late: HOUR_MS });
      const keys = [await currentKey(secretId), await rotate(secretId)];
      lateMs = 0;
      return { live: () => keys.map((key) => standIns.momento.isValid(key)) };
    };

    test('the predecessor, when its overlap is over', async () => {
      const { live } = await rotateAnHourAgo();
      await standIns.lambda.invoke(revoke);
      expect(live()).toEqual([false, true]);
      for (const secret of standIns.momento.secretsInPlay()) expect(output.join('\n')).not.toContain(secret);
    });

    test('nothing before', async () => {
      const secretId = await start({ ...scheduled, MOMENTO_OVERLAP_SECONDS: '1800' });
      const keys = [await currentKey(secretId), await rotate(secretId)];
      await standIns.lambda.invoke(revoke);
      expect(keys.map((key) => standIns.momento.isValid(key))).toEqual([true, true]);
    });

    test('with the next run what Momento was too busy for in one', async () => {
      const { live } = await rotateAnHourAgo();
      const { apiKeysFaults } = standIns.momento;
      apiKeysFaults.add({ call: 'RevokeApiKey', mishap: mishap(503), times: Number.POSITIVE_INFINITY });
      await standIns.lambda.invoke(revoke);
      expect(live()).toEqual([true, true]);
      expect(output.join('\n')).toMatch(/"RevocationFailed":/);
      apiKeysFaults.clear();
      await standIns.lambda.invoke(revoke);
      expect(live()).toEqual([false, true]);
    });

    test('or fails where it may not', async () => {
      const { live } = await rotateAnHourAgo();
      const { apiKeysFaults } = standIns.momento;
      apiKeysFaults.add({ call: 'RevokeApiKey', mishap: mishap(403), times: Number.POSITIVE_INFINITY });
      await expect(standIns.lambda.invoke(revoke)).rejects.toMatchObject({
        errorMessage: expect.stringContaining('HTTP 403'),
      });
      expect(live()).toEqual([true, true]);
    });
  });

  test('names a first key that was stored by hand, and leaves it alone', async () => {
    const secretId = await start({ ...managed, MOMENTO_REVOKE_FIRST_KEY: 'momento/other' });
    const { momento } = standIns;
    const first = await currentKey(secretId);
    for (const hours of [3, 2, 1, 0]) {
      lateMs = hours * HOUR_MS;
      await rotate(secretId);
    }
    expect(momento.isValid(first)).toBe(true);
    expect(output.join('\n')).toMatch(
      new RegExp(`that this function did not issue, and leaves alone.*/api-keys/${momento.idOf(first)}`),
    );
  });

  test('says by what it is kept from it', async () => {
    const secretId = await start({});
    const before = await currentKey(secretId);
    expect(await rotate(secretId)).toBe(before);
    expect(output.join('\n')).toContain('does not let the key in this secret manage keys');
  });
});

test('a setting that makes no sense keeps the function from starting, and is named', async () => {
  await start({ MOMENTO_OVERLAP_SECONDS: 'an hour' });
  await expect(standIns.lambda.invoke({ SecretId: 'momento/key' })).rejects.toMatchObject({
    errorMessage: expect.stringContaining('MOMENTO_OVERLAP_SECONDS is not a whole number'),
  });
});
