import { describe, expect, test } from 'vitest';
import type { SecretDescription } from '../../src/rotation/secret-store.ts';
import { steps } from '../../src/rotation/steps.ts';
import { counter, countersWith, NOW, startCounting } from './counters.ts';

describe('another kind of credential', () => {
  test('is rotated by the same protocol', async () => {
    const { versions, metrics, task } = startCounting();

    expect(await steps.createSecret(task())).toBe('issued');
    expect(await steps.createSecret(task())).toBe('already issued');
    expect(await steps.testSecret(task())).toBe('accepted');
    expect(await steps.finishSecret(task())).toBe('promoted');
    expect(versions.get('second')).toEqual({ value: '2', stages: ['AWSCURRENT'] });
    expect(metrics).toEqual(['RotationSucceeded']);
  });

  test('has its own words in messages', async () => {
    const { versions, task } = startCounting(
      countersWith({ ping: async () => ({ kind: 'unavailable', reason: 'ASLEEP' }) }),
    );
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    await expect(steps.testSecret(task())).rejects.toThrow('The counter gave no verdict on the pending key (ASLEEP).');
  });

  test('asks for a value where the current version has none', async () => {
    const { versions, task } = startCounting();
    versions.set('first', { stages: ['AWSCURRENT'] });

    await expect(steps.createSecret(task())).rejects.toThrow(/no current value.*Count again\. Then store it: aws/);
  });

  test.each([
    ['no value', { stages: ['AWSCURRENT'] }, 'no current value'],
    ['a value that is none', { value: 'broken', stages: ['AWSCURRENT'] }, 'cannot be rotated. It is no number.'],
  ])('cannot be compared with a current version that has %s', async (_, current, message) => {
    const { versions, task } = startCounting(countersWith({ ping: async () => ({ kind: 'denied', reason: 'NO' }) }));
    versions.set('first', current);
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    await expect(steps.testSecret(task())).rejects.toThrow(message);
  });

  test('has those before it retired when it is promoted, by what is given for that, and told how the secret was', async () => {
    const { versions, task } = startCounting(countersWith({ isRegistered: true }));
    const retired: SecretDescription['stages'][] = [];
    const rotate = {
      ...task(),
      retire: async (_: unknown, { stages }: SecretDescription) => void retired.push(stages),
    };
    expect(await steps.createSecret(rotate)).toBe('issued');
    expect(await steps.testSecret(rotate)).toBe('accepted');
    expect(retired).toEqual([]);

    expect(await steps.finishSecret(rotate)).toBe('promoted');
    expect(retired).toEqual([{ first: ['AWSCURRENT'], second: ['AWSPENDING'] }]);
    expect(versions.get('second')?.stages).toEqual(['AWSCURRENT']);
  });

  test.each([
    ['is in no registry', { isRegistered: false }, 0],
    ['has not been seen by this sandbox', {}, 1],
  ])('that %s has those before it retired %s', async (_, memory, times) => {
    const { versions, task } = startCounting();
    versions.set('second', { value: '2', stages: ['AWSCURRENT'] });
    let retired = 0;
    const retire = async () => {
      retired += 1;
    };
    expect(await steps.finishSecret({ ...task(), memory, retire })).toBe('already current');
    expect(retired).toBe(times);
  });

  test('whose value cannot be read by a defect is given up: it could not be read the next time', async () => {
    const { versions, task } = startCounting({
      ...countersWith(),
      read: () => {
        throw new RangeError('hunter2');
      },
    });
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    await expect(steps.testSecret(task())).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringMatching(/^((?!hunter2).)*unexpected RangeError.*AWSPENDING was taken off/),
    });
  });

  test.each([
    ['a minute ago', 60_000, 1],
    ['less than a minute ago', 59_999, 0],
  ])('that was let in %s is pinged %i ms later, or not', async (_, ms, pings) => {
    let asked = 0;
    const kind = countersWith({
      ping: async () => {
        asked += 1;
        return { kind: 'accepted' };
      },
    });
    const { versions, memory, task } = startCounting(kind);
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });
    Object.assign(memory, { predecessor: 'first', acceptedAt: NOW - ms });

    expect(await steps.finishSecret(task())).toBe('promoted');
    expect(asked).toBe(pings);
  });

  test.each([
    ['this very moment', 0, 'permanent'],
    ['in a moment', 1, undefined],
  ])('that expires %s', async (_, ms, failure) => {
    const kind = { ...countersWith(), read: () => counter(2, { expiresAt: new Date(NOW + ms) }) };
    const { versions, task } = startCounting(kind);
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    const ended = steps.testSecret(task()).then(
      () => undefined,
      (error) => error.failure,
    );
    expect(await ended).toBe(failure);
  });

  test('is no copy of the current one, where there is none', async () => {
    const { versions, task } = startCounting();
    versions.set('first', { stages: ['AWSCURRENT'] });
    versions.set('second', { value: 'broken', stages: ['AWSPENDING'] });

    await expect(steps.testSecret(task())).rejects.toThrow('can never be promoted. It is no number.');
  });

  test('is stored already, where the current version has no value', async () => {
    const { versions, task } = startCounting();
    versions.set('first', { stages: ['AWSCURRENT'] });
    versions.set('second', { value: '2', stages: ['AWSPENDING'] });

    expect(await steps.createSecret(task())).toBe('already issued');
  });

  test('that was stored and promoted while createSecret looked is current', async () => {
    const second = { versionId: 'second', stages: ['AWSCURRENT'], createdAt: undefined, secretString: '2' };
    const looks = [undefined, second];
    const { versions, task } = startCounting(countersWith(), { getVersion: async () => looks.shift() });
    versions.set('second', { value: '2', stages: ['AWSCURRENT'] });

    expect(await steps.createSecret(task())).toBe('already current');
  });

  test('with a label that is none of the rotation is not tested', async () => {
    const { versions, task } = startCounting();
    versions.set('second', { value: '2', stages: ['AWSPREVIOUS'] });

    await expect(steps.testSecret(task())).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringContaining('is not staged as AWSPENDING'),
    });
  });

  test('that came too late, where another one is current, and nothing is in the way, needs nothing done', async () => {
    const { versions, task } = startCounting();
    versions.set('first', { value: '1', stages: ['AWSCURRENT', 'AWSPENDING'] });
    versions.set('second', { value: '2', stages: [] });

    await expect(steps.createSecret(task())).rejects.toMatchObject({
      failure: 'operator',
      message: expect.stringMatching(
        /nothing needs doing: .* To start it now: aws secretsmanager rotate-secret --secret-id secret$/,
      ),
    });
  });
});
