import { expect, test } from 'vitest';
import { createAccount } from '../../../src/local/momento/account.ts';
import type { ListRequest } from '../../../src/local/momento/key-list.ts';
import type { Behaviour } from '../../../src/local/momento/momento-behaviour.ts';
import { standingClock } from './sdk.ts';

/** An account with an admin key, which is `key-1` and seeded. */
function accountWith(behaviour: Partial<Behaviour> = {}) {
  const clock = standingClock();
  const account = createAccount({ now: clock.now, behaviour });
  const admin = account.issueV2Key({ roleId: 'owner', description: '' });
  const page = (request: ListRequest = {}) => {
    const { keys, nextToken } = account.listApiKeys(admin, request);
    return { ids: keys.map(({ id }) => id), nextToken: nextToken as string };
  };
  return {
    clock,
    page,
    generate: (expiry: 'never' | number = 'never') => account.generateApiKey(admin, { roleId: 'viewer', expiry }).id,
    revoke: (keyId: string) => account.revokeApiKey(admin, keyId),
    /** The ids on the pages of a whole list. */
    pages(limit: number): string[][] {
      const ids: string[][] = [];
      for (let request: ListRequest | undefined = { limit }; request !== undefined; ) {
        if (ids.length === 9) throw new Error('the list does not end');
        const read = page(request);
        ids.push(read.ids);
        request = read.nextToken === undefined ? undefined : { limit, nextToken: read.nextToken };
      }
      return ids;
    },
  };
}

test('a new key may be unknown to some lists, to all of their pages', () => {
  const { generate, pages } = accountWith({ newKeyListedAfterLists: 2 });
  generate();
  expect(pages(1)).toEqual([['key-1']]);
  generate();
  expect(pages(1)).toEqual([['key-1']]);
  expect(pages(1)).toEqual([['key-1'], ['key-2']]);
  expect(pages(1)).toEqual([['key-1'], ['key-2'], ['key-3']]);
});

test('a new key may be unknown to lists for some time', () => {
  const { clock, generate, pages } = accountWith({ newKeyListedAfterSeconds: 60 });
  generate();
  clock.forward(59);
  expect(pages(1)).toEqual([['key-1']]);
  clock.forward(1);
  expect(pages(1)).toEqual([['key-1'], ['key-2']]);
});

test('a revoked key may be known to some lists still', () => {
  const { generate, revoke, pages } = accountWith({ revokedKeyListedForLists: 1 });
  revoke(generate());
  expect(pages(1)).toEqual([['key-1'], ['key-2']]);
  expect(pages(1)).toEqual([['key-1']]);
});

test('a key that is revoked before any list knew it is listed no sooner', () => {
  const { generate, revoke, pages } = accountWith({ newKeyListedAfterLists: 1, revokedKeyListedForLists: 2 });
  revoke(generate());
  expect(pages(9)).toEqual([['key-1']]);
  expect(pages(9)).toEqual([['key-1', 'key-2']]);
  expect(pages(9)).toEqual([['key-1']]);
});

test.each([
  { secondRevocation: 'NOT_FOUND', refused: true },
  { secondRevocation: 'OK', refused: false },
] as const)('a second revocation is answered $secondRevocation', ({ secondRevocation, refused }) => {
  const { generate, revoke } = accountWith({ secondRevocation });
  const keyId = generate();
  revoke(keyId);
  const again = expect(() => revoke(keyId));
  if (refused) again.toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  else again.not.toThrow();
});

test.each([
  { expiredKeys: 'forgotten', listed: ['key-1'], refused: true },
  { expiredKeys: 'kept', listed: ['key-1', 'key-2'], refused: false },
] as const)('expired keys are $expiredKeys', ({ expiredKeys, listed, refused }) => {
  const { clock, generate, revoke, page } = accountWith({ expiredKeys });
  const keyId = generate(clock.epochSeconds() + 60);
  expect(page().ids).toEqual(['key-1', 'key-2']);
  clock.forward(60);
  expect(page().ids).toEqual(listed);
  const revocation = expect(() => revoke(keyId));
  if (refused) revocation.toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  else revocation.not.toThrow();
  expect(page().ids).toEqual(['key-1']);
});

test.each([
  { listOrder: 'oldestFirst', pages: [['key-1', 'key-2'], ['key-3']] },
  { listOrder: 'newestFirst', pages: [['key-3', 'key-2'], ['key-1']] },
] as const)('the order is $listOrder', ({ listOrder, pages: expected }) => {
  const { generate, pages } = accountWith({ listOrder });
  generate();
  generate();
  expect(pages(2)).toEqual(expected);
});

test('a page has a size of its own if none is asked for', () => {
  const { generate, page } = accountWith({ defaultPageSize: 2 });
  generate();
  generate();
  const { ids, nextToken } = page();
  expect(ids).toEqual(['key-1', 'key-2']);
  expect(page({ nextToken }).ids).toEqual(['key-3']);
});

test.each([
  { paging: 'stable', revoked: 'key-1', second: ['key-3', 'key-4'] },
  { paging: 'stable', revoked: 'key-2', second: ['key-3', 'key-4'] },
  { paging: 'shifting', revoked: 'key-2', second: ['key-4'] },
  { paging: 'sparse', revoked: 'key-2', second: ['key-3', 'key-4'] },
  { paging: 'sparse', revoked: 'key-3', second: ['key-4'] },
] as const)('with $paging pages and $revoked revoked after the first, the second is $second', (expected) => {
  const { generate, page, revoke } = accountWith({ paging: expected.paging });
  generate();
  generate();
  generate();
  const { ids, nextToken } = page({ limit: 2 });
  expect(ids).toEqual(['key-1', 'key-2']);
  if (expected.revoked !== 'key-1') revoke(expected.revoked);
  expect(page({ limit: 2, nextToken }).ids).toEqual(expected.second);
});

test('sparse pages can be empty although others follow', () => {
  const { generate, pages, revoke } = accountWith({ paging: 'sparse' });
  for (const keyId of [generate(), generate()]) revoke(keyId);
  generate();
  expect(pages(1)).toEqual([['key-1'], [], [], ['key-4']]);
});

test('a list without keys is one empty page', () => {
  const account = createAccount({ behaviour: { newKeyListedAfterLists: 1 } });
  const admin = account.issueV2Key({ roleId: 'owner', description: '' });
  expect(account.listApiKeys(admin)).toEqual({ keys: [admin] });
});
