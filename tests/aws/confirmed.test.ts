import { beforeEach, describe, expect, test } from 'vitest';
import { type Confirmed, confirming } from '../../src/aws/confirmed.ts';
import { storeOf } from '../rotation/store-in-memory.ts';

let confirmed: Confirmed[];
beforeEach(() => {
  confirmed = [];
});

const storeFor = (versionId?: string) =>
  confirming(
    storeOf(
      new Map([
        ['first', { value: '1', stages: ['AWSCURRENT'] }],
        ['second', { stages: ['AWSPENDING'] }],
      ]),
    ),
    { secretId: 'name', versionId },
    (each) => confirmed.push(each),
  );

describe('Secrets Manager confirms', () => {
  test('a secret by describing it, whose ARN it then has', async () => {
    await storeFor().describe('name', 1000);
    expect(confirmed).toEqual([{ secret: 'secret' }]);
  });

  test('a version by a description that lists it', async () => {
    await storeFor('second').describe('name', 1000);
    expect(confirmed).toEqual([{ secret: 'secret', version: 'second' }]);
  });

  test.each(['another', 'constructor'])('and not by one that does not: %s', async (versionId) => {
    await storeFor(versionId).describe('name', 1000);
    expect(confirmed).toEqual([{ secret: 'secret' }]);
  });

  test('a secret by its current value', async () => {
    await storeFor('second').getCurrent('name', 1000);
    expect(confirmed).toEqual([{ secret: 'name' }]);
  });

  test('a secret and its version by the value of that', async () => {
    await storeFor('first').getVersion('name', 'first', 1000);
    expect(confirmed).toEqual([{ secret: 'name', version: 'first' }]);
  });

  test('a secret alone by the value of another version', async () => {
    await storeFor('second').getVersion('name', 'first', 1000);
    expect(confirmed).toEqual([{ secret: 'name' }]);
  });
});

describe('nothing is confirmed', () => {
  test('by a version that has no value, or that there is not', async () => {
    await storeFor('second').getVersion('name', 'second', 1000);
    expect(confirmed).toEqual([]);
  });

  test('by a secret without a current value', async () => {
    const store = confirming(storeOf(new Map()), { secretId: 'name' }, (each) => confirmed.push(each));
    await store.getCurrent('name', 1000);
    expect(confirmed).toEqual([]);
  });

  test('by answers for another secret, such as that of the admin', async () => {
    const store = storeFor('first');
    await store.describe('admin', 1000);
    await store.getCurrent('admin', 1000);
    await store.getVersion('admin', 'first', 1000);
    expect(confirmed).toEqual([]);
  });
});
