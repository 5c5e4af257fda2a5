import { describe, expect, test } from 'vitest';
import { startBudget } from '../../src/rotation/budget.ts';
import type { Credential, CredentialKind, Entry, Register } from '../../src/rotation/credential.ts';
import { InvalidValueError } from '../../src/rotation/errors.ts';
import type { VersionMemory } from '../../src/rotation/memory.ts';
import type { Metric, Rotation } from '../../src/rotation/rotation.ts';
import type { SecretStore } from '../../src/rotation/secret-store.ts';
import { steps } from '../../src/rotation/steps.ts';
import { storeOf, type Versions } from './store-in-memory.ts';

/** A kind of credential that is no Momento key: a counter that never expires. */
interface Counter extends Credential {
  count: number;
}

const counters: CredentialKind<Counter> = {
  wording: { service: 'The counter', howToReplace: 'Count again.' },
  read: (secretString) => {
    const count = Number(secretString);
    if (Number.isNaN(count)) throw new InvalidValueError('It is no number.');
    return { count, expiresAt: undefined, id: secretString };
  },
  inspect: (secretString) => counters.read(secretString),
  issueSuccessor: async ({ count }) => ({
    kind: 'issued',
    secretString: String(count + 1),
    successor: { count: count + 1, expiresAt: undefined },
  }),
  ping: async () => ({ kind: 'accepted' }),
};

const now = Date.parse('2030-01-01T00:00:00Z');

function start(kind: CredentialKind<Counter> = counters, change: Partial<SecretStore> = {}) {
  const versions: Versions = new Map([
    ['first', { value: '1', stages: ['AWSCURRENT'] }],
    ['second', { stages: ['AWSPENDING'] }],
  ]);
  const metrics: Metric[] = [];
  const warnings: string[] = [];
  const memory: VersionMemory = {};
  const step = (): Rotation => ({
    secretId: 'secret',
    versionId: 'second',
    rotationToken: undefined,
    store: { ...storeOf(versions), ...change },
    kind,
    memory,
    budget: startBudget({ now: () => now, random: () => 0, sleep: async () => {} }, 30_000),
    overlapMs: 3_600_000,
    revokesFirstKey: false,
    schedule: undefined,
    report: { warn: (message) => warnings.push(message), measure: (metric) => metrics.push(metric) },
  });
  return { versions, metrics, warnings, memory, step };
}

describe('another kind of credential', () => {
  test('is rotated by the same protocol', async () => {
    const { versions, metrics, step } = start();

    expect(await steps.createSecret(step())).toBe('issued');
    expect(await steps.createSecret(step())).toBe('already issued');
    expect(await steps.testSecret(step())).toBe('accepted');
    expect(await steps.finishSecret(step())).toBe('promoted');
    expect(versions.get('second')).toEqual({ value: '2', stages: ['AWSCURRENT'] });
    expect(metrics).toEqual(['RotationSucceeded']);
  });

  test('has its own words in messages', async () => {
    const { versions, step } = start({ ...counters, ping: async () => ({ kind: 'unavailable', reason: 'ASLEEP' }) });
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    await expect(steps.testSecret(step())).rejects.toThrow('The counter gave no verdict on the pending key (ASLEEP).');
  });

  test('asks for a value where the current version has none', async () => {
    const { versions, step } = start();
    versions.set('first', { stages: ['AWSCURRENT'] });

    await expect(steps.createSecret(step())).rejects.toThrow(/no current value.*Count again\. Then store it: aws/);
  });

  test.each([
    ['no value', { stages: ['AWSCURRENT'] }, 'no current value'],
    ['a value that is none', { value: 'broken', stages: ['AWSCURRENT'] }, 'cannot be rotated. It is no number.'],
  ])('cannot be compared with a current version that has %s', async (_, current, message) => {
    const { versions, step } = start({ ...counters, ping: async () => ({ kind: 'denied', reason: 'NO' }) });
    versions.set('first', current);
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    await expect(steps.testSecret(step())).rejects.toThrow(message);
  });

  test('is revoked where there is a register, and a defect in that fails no rotation', async () => {
    const revoked: string[] = [];
    const entries: Entry[] = [];
    const register: Register<Counter> = {
      adminId: 'admin',
      issue: async ({ description, now }) => {
        entries.push({ id: '2', roleId: undefined, description, issuedAt: now, expiresAt: undefined });
        return { kind: 'issued', secretString: '2', successor: { count: 2, expiresAt: undefined, id: '2' } };
      },
      list: async () => ({ entries, nextToken: undefined }),
      howToRevoke: (id) => `discount ${id}`,
      revoke: async (id) => void revoked.push(id),
    };
    const kind: CredentialKind<Counter> = {
      ...counters,
      registerOf: () => ({ adminSecret: undefined, adminWording: 'this secret', open: () => register }),
    };
    const { versions, warnings, step } = start(kind);
    const memory = {};
    expect(await steps.createSecret({ ...step(), memory })).toBe('issued');
    expect(versions.get('second')?.value).toBe('2');
    register.list = () => Promise.reject(new TypeError('hunter2'));
    expect(await steps.finishSecret({ ...step(), memory })).toBe('promoted');

    expect(revoked).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/could not be seen.* Unexpected TypeError\.$/)]);
  });

  test('whose register cannot be opened by a defect has nothing issued', async () => {
    const fail = () => {
      throw new TypeError('hunter2');
    };
    const { versions, step } = start({
      ...counters,
      registerOf: () => ({ adminSecret: undefined, adminWording: 'this secret', open: fail }),
    });
    await expect(steps.createSecret(step())).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(/^((?!hunter2).)*unexpected TypeError((?!hunter2).)*$/),
    });
    expect(versions.get('second')).toEqual({ stages: ['AWSPENDING'] });
  });

  test('whose value cannot be read by a defect is given up: it could not be read the next time', async () => {
    const { versions, step } = start({
      ...counters,
      read: () => {
        throw new RangeError('hunter2');
      },
    });
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    await expect(steps.testSecret(step())).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringMatching(/^((?!hunter2).)*unexpected RangeError.*AWSPENDING was taken off/),
    });
  });

  test.each([
    ['a minute ago', 60_000, 1],
    ['less than a minute ago', 59_999, 0],
  ])('that was let in %s is pinged %i ms later, or not', async (_, ms, pings) => {
    let asked = 0;
    const kind: CredentialKind<Counter> = {
      ...counters,
      ping: async () => {
        asked += 1;
        return { kind: 'accepted' };
      },
    };
    const { versions, memory, step } = start(kind);
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });
    Object.assign(memory, { predecessor: 'first', acceptedAt: now - ms });

    expect(await steps.finishSecret(step())).toBe('promoted');
    expect(asked).toBe(pings);
  });

  test.each([
    ['this very moment', 0, 'permanent'],
    ['in a moment', 1, undefined],
  ])('that expires %s', async (_, ms, failure) => {
    const kind: CredentialKind<Counter> = { ...counters, read: () => ({ count: 2, expiresAt: new Date(now + ms) }) };
    const { versions, step } = start(kind);
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    const ended = steps.testSecret(step()).then(
      () => undefined,
      (error) => error.failure,
    );
    expect(await ended).toBe(failure);
  });

  test('is no copy of the current one, where there is none', async () => {
    const { versions, step } = start();
    versions.set('first', { stages: ['AWSCURRENT'] });
    versions.set('second', { value: 'broken', stages: ['AWSPENDING'] });

    await expect(steps.testSecret(step())).rejects.toThrow('can never be promoted. It is no number.');
  });

  test('is stored already, where the current version has no value', async () => {
    const { versions, step } = start();
    versions.set('first', { stages: ['AWSCURRENT'] });
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    expect(await steps.createSecret(step())).toBe('already issued');
  });

  test('that was stored and promoted while createSecret looked is current', async () => {
    const second = { versionId: 'second', stages: ['AWSCURRENT'], createdAt: undefined, secretString: '2' };
    const looks = [undefined, second];
    const { versions, step } = start(counters, { getVersion: async () => looks.shift() });
    versions.set('second', { value: '2', stages: ['AWSCURRENT'] });

    expect(await steps.createSecret(step())).toBe('already current');
  });

  test('with a label that is none of the rotation is not tested', async () => {
    const { versions, step } = start();
    versions.set('second', { value: '2', stages: ['AWSPREVIOUS'] });

    await expect(steps.testSecret(step())).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('is not staged as AWSPENDING'),
    });
  });

  test('that came too late, where another one is current, and nothing is in the way, needs nothing done', async () => {
    const { versions, step } = start();
    versions.set('first', { value: '1', stages: ['AWSCURRENT', 'AWSPENDING'] });
    versions.set('second', { value: '2', stages: [] });

    await expect(steps.createSecret(step())).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(
        /nothing needs doing: .* To start it now: aws secretsmanager rotate-secret --secret-id secret$/,
      ),
    });
  });
});
