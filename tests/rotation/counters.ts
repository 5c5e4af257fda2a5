import { type Clock, startBudget } from '../../src/rotation/budget.ts';
import type { Credential, CredentialKind, Issuer } from '../../src/rotation/credential.ts';
import { InvalidValueError } from '../../src/rotation/errors.ts';
import type { VersionMemory } from '../../src/rotation/memory.ts';
import type { RotationTask } from '../../src/rotation/rotation.ts';
import type { SecretStore } from '../../src/rotation/secret-store.ts';
import { storeOf, type Versions } from './store-in-memory.ts';

/** A kind of credential that is no Momento key: a counter, which never expires, and is succeeded by the next number. */
export function counter(count: number, change: Partial<Credential> = {}): Credential {
  return {
    expiresAt: undefined,
    isRegistered: false,
    ping: async () => ({ kind: 'accepted' }),
    issuerFor: async () => countingIssuer(count, change),
    ...change,
  };
}

export function countingIssuer(count: number, change: Partial<Credential> = {}): Issuer {
  return {
    timeoutMs: 1000,
    maxUnanswered: 1,
    fate: { unanswered: 'is forgotten', lost: 'is forgotten' },
    issue: async () => ({
      kind: 'issued',
      secretString: String(count + 1),
      successor: counter(count + 1, change),
    }),
  };
}

/** @param change what is different about each of them */
export function countersWith(change: Partial<Credential> = {}): CredentialKind {
  return {
    wording: { service: 'The counter', howToReplace: 'Count again.' },
    read(secretString) {
      const count = Number(secretString);
      if (Number.isNaN(count)) throw new InvalidValueError('It is no number.');
      return counter(count, change);
    },
  };
}

export const NOW = Date.parse('2030-01-01T00:00:00Z');

/** A rotation from `first`, which holds 1, to `second`, which is empty. Time stands still. */
export function startCounting(kind: CredentialKind = countersWith(), change: Partial<SecretStore> = {}) {
  const versions: Versions = new Map([
    ['first', { value: '1', stages: ['AWSCURRENT'] }],
    ['second', { stages: ['AWSPENDING'] }],
  ]);
  const metrics: string[] = [];
  const warnings: string[] = [];
  const memory: VersionMemory = {};
  const clock: Clock = { now: () => NOW, random: () => 0, sleep: async () => {} };
  const task = (): RotationTask => ({
    secretId: 'secret',
    versionId: 'second',
    rotationToken: undefined,
    store: { ...storeOf(versions), ...change },
    kind,
    memory,
    budget: startBudget(clock, 30_000),
    report: { warn: (message) => void warnings.push(message), measure: (metric) => void metrics.push(metric) },
  });
  return { versions, metrics, warnings, memory, task };
}
