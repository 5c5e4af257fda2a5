import { describe, expect, test } from 'vitest';
import type { KeyRecord, Registry, RegistryAccess, RevocableKind } from '../../src/revocation/registry.ts';
import { registryIssuer } from '../../src/revocation/registry-issuer.ts';
import { retireSuperseded } from '../../src/revocation/retire.ts';
import type { CredentialKind, Succession } from '../../src/rotation/credential.ts';
import type { Rotation } from '../../src/rotation/rotation.ts';
import type { SecretDescription } from '../../src/rotation/secret-store.ts';
import { steps } from '../../src/rotation/steps.ts';
import { counter, countersWith, startCounting } from '../rotation/counters.ts';

/** Counters with a registry, in which each has its number for an id. */
function registeredCounters() {
  const revoked: string[] = [];
  const records: KeyRecord[] = [];
  const registry: Registry = {
    adminId: 'admin',
    issue: async ({ description, now }) => {
      records.push({ id: '2', roleId: undefined, description, issuedAt: now, expiresAt: undefined });
      return { kind: 'issued', id: '2', secretString: '2', successor: counter(2, { isRegistered: true }) };
    },
    list: async () => ({ records, nextToken: undefined }),
    howToRevoke: (id) => `discount ${id}`,
    revoke: async (id) => void revoked.push(id),
  };
  const access: RegistryAccess = { open: () => registry };
  const identify = (id: string) => ({ id, expiresAt: undefined });
  const kind: CredentialKind & RevocableKind = {
    ...countersWith({
      isRegistered: true,
      issuerFor: (succession: Succession) => registryIssuer(succession, identify('1'), access),
    }),
    registryFor: () => access,
    identify,
  };
  return { kind, registry, revoked };
}

function startRegistered({ kind, ...others }: ReturnType<typeof registeredCounters>) {
  const started = startCounting(kind);
  const policy = { overlapMs: 3_600_000, revokesFirstKey: false, revokesOnSchedule: false };
  return {
    ...started,
    ...others,
    task: () => ({
      ...started.task(),
      retire: (rotation: Rotation, before: SecretDescription) => retireSuperseded(rotation, before, kind, policy),
    }),
  };
}

describe('a defect in what becomes of older credentials fails no rotation', () => {
  test('in reading the registry', async () => {
    const { versions, registry, warnings, metrics, revoked, task } = startRegistered(registeredCounters());
    expect(await steps.createSecret(task())).toBe('issued');
    expect(versions.get('second')?.value).toBe('2');
    registry.list = () => Promise.reject(new TypeError('hunter2'));
    expect(await steps.finishSecret(task())).toBe('promoted');

    expect(revoked).toEqual([]);
    expect(warnings).toEqual([
      'Cannot determine whether keys are to be revoked; nothing was revoked. The next rotation looks again. Unexpected TypeError.',
    ]);
    expect(metrics).toEqual(['RotationSucceeded', 'RevocationFailed']);
  });

  test('in finding out whether there is one, where nobody knows of any', async () => {
    const counters = registeredCounters();
    const fail = () => {
      throw new TypeError('hunter2');
    };
    const started = startRegistered({ ...counters, kind: { ...counters.kind, registryFor: fail } });
    started.versions.set('second', { value: '2', stages: ['AWSCURRENT'] });
    expect(await steps.finishSecret(started.task())).toBe('already current');
    expect(started.warnings).toEqual([]);
  });
});
