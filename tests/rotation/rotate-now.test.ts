import { describe, expect, test } from 'vitest';
import { startBudget } from '../../src/rotation/budget.ts';
import { SecretStoreError } from '../../src/rotation/errors.ts';
import { rotateNow } from '../../src/rotation/rotate-now.ts';
import type { SecretDescription, SecretStore } from '../../src/rotation/secret-store.ts';

const clock = { now: Date.now, random: () => 0, sleep: async () => {} };
const budget = startBudget(clock, 30_000);

/** A store that knows two calls. */
function storeWith(rotate: SecretStore['rotate'], stages: SecretDescription['stages'] = {}): SecretStore {
  return {
    rotate,
    describe: async () => ({ stages }) as SecretDescription,
  } as Partial<SecretStore> as SecretStore;
}

describe('a rotation that is started by hand', () => {
  test('is answered with its version', async () => {
    const asked: string[] = [];
    const started = await rotateNow(
      storeWith(async (secretId, versionId) => {
        asked.push(secretId, versionId);
      }),
      'name',
      budget,
    );
    expect([started.SecretId, started.VersionId]).toEqual(asked);
  });

  test('is not started twice when the answer is lost', async () => {
    const stages: Record<string, string[]> = { current: ['AWSCURRENT'] };
    let asked = 0;
    const store = storeWith(async (_, versionId) => {
      asked += 1;
      stages[versionId] = ['AWSPENDING'];
      throw new SecretStoreError('RotateSecret', 'ECONNRESET', { transient: true });
    }, stages);

    const { VersionId } = await rotateNow(store, 'name', budget);
    expect(stages).toEqual({ current: ['AWSCURRENT'], [VersionId]: ['AWSPENDING'] });
    expect(asked).toBe(1);
  });

  test('is refused in the words of the service', async () => {
    const detail = "A previous rotation isn't complete. That rotation will be reattempted";
    const store = storeWith(async () => {
      throw new SecretStoreError('RotateSecret', 'InvalidRequestException', { transient: false, detail });
    });

    await expect(rotateNow(store, 'name', budget)).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining(detail),
    });
  });
});
