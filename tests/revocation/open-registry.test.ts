import { expect, test } from 'vitest';
import { createListings } from '../../src/revocation/open-registry.ts';
import type { Registry, RegistryAccess, RevocationTask } from '../../src/revocation/registry.ts';
import type { Budget } from '../../src/rotation/budget.ts';

const withMs = (ms: number): Budget => ({
  clock: { now: () => 0, random: () => 0, sleep: async () => {} },
  remaining: () => ms,
});

test.each<[string, Partial<RegistryAccess>, number]>([
  ['of a key that manages itself in the time of its secret', {}, 1000],
  ['of an admin key in that of the run, since others need it too', { adminSecret: 'momento/admin' }, 2000],
])('a registry is listed: %s', async (_, access, expected) => {
  const timeouts: number[] = [];
  const list: Registry['list'] = async (__, timeoutMs) => {
    timeouts.push(timeoutMs);
    return { records: [], nextToken: undefined };
  };
  const task = { kind: { wording: { service: 'Momento' } }, secret: { budget: withMs(1000) } };
  const listings = createListings(withMs(2000));
  await listings.of(task as RevocationTask, access as RegistryAccess, { list } as Registry);
  expect(timeouts).toEqual([expected]);
});
