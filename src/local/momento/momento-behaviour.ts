/** What Momento does not document. Whoever uses Momento must hold with either setting of each. */
export interface Behaviour {
  /**
   * May a refresh token be used a second time? `refused` answers the second use with `UNAUTHENTICATED`.
   * @default 'allowed' A refresh token is a signed statement that expires with its key; nothing in the API says that it is spent.
   */
  refreshTokenReuse: 'allowed' | 'refused';
  /**
   * How many data-plane calls with a key that a call has just issued are refused (`UNAUTHENTICATED`) before the key is
   * known everywhere. A key that the stand-in was seeded with is known at once.
   * @default 0 No delay has been reported.
   */
  newKeyKnownAfterCalls: number;
  /**
   * How the refresh of an expired key is refused.
   * @default 'UNAUTHENTICATED' Momento's own integration tests of its JavaScript SDK expected only this, then accepted either.
   */
  expiredKeyRefreshError: 'UNAUTHENTICATED' | 'INVALID_ARGUMENT';
  /**
   * What a data-plane call looks at first. With `cache`, a call on a cache that does not exist is answered `NOT_FOUND`
   * whatever the key.
   * @default 'key' A stranger should not be able to find out which caches exist.
   */
  firstCheck: 'key' | 'cache';
  /**
   * What becomes of the v2 keys of a role that is deleted: they are let in and may do nothing any more, they are revoked with
   * it, or they go on as before.
   * @default 'denied' A key is bound to its role, which has nothing left to grant; revocation is a call of its own.
   */
  keysOfDeletedRole: 'denied' | 'revoked' | 'kept';
  /**
   * How many lists that are begun after a v2 key was generated do not know it yet. A key that the stand-in was seeded with
   * is known at once.
   * @default 0 No delay has been reported.
   */
  newKeyListedAfterLists: number;
  /**
   * For how many seconds after a v2 key was generated lists do not know it yet.
   * @default 0 As above.
   */
  newKeyListedAfterSeconds: number;
  /**
   * How many lists that are begun after a v2 key was revoked still have it.
   * @default 0 Revocation is documented to be effective at once.
   */
  revokedKeyListedForLists: number;
  /**
   * How the revocation of a key that is revoked already is answered.
   * @default 'NOT_FOUND' It is no longer listed.
   */
  secondRevocation: 'NOT_FOUND' | 'OK';
  /**
   * Is a v2 key that has expired still listed, and can it be revoked?
   * @default 'forgotten' The list is said to be of active keys (docs.momentohq.com, "API keys").
   */
  expiredKeys: 'forgotten' | 'kept';
  /** @default 'oldestFirst' The order in which keys were issued. */
  listOrder: 'oldestFirst' | 'newestFirst';
  /**
   * How many keys a page holds if the request does not say.
   * @default 100 The most that it may ask for.
   */
  defaultPageSize: number;
  /**
   * What a `next_token` stands for. `stable`: the last key of the page, so that keys that come and go in between shift nothing.
   * `shifting`: a position, so that a key is passed over when one before it is revoked between two pages. `sparse`: the last
   * key that was looked at, so that a page can be short or empty although others follow.
   * @default 'stable'
   */
  paging: 'stable' | 'shifting' | 'sparse';
  /**
   * The most characters of a v2 key's description.
   * @default 256 Some limit there must be.
   */
  longestDescription: number;
}

export const likeliestBehaviour: Behaviour = {
  refreshTokenReuse: 'allowed',
  newKeyKnownAfterCalls: 0,
  expiredKeyRefreshError: 'UNAUTHENTICATED',
  firstCheck: 'key',
  keysOfDeletedRole: 'denied',
  newKeyListedAfterLists: 0,
  newKeyListedAfterSeconds: 0,
  revokedKeyListedForLists: 0,
  secondRevocation: 'NOT_FOUND',
  expiredKeys: 'forgotten',
  listOrder: 'oldestFirst',
  defaultPageSize: 100,
  paging: 'stable',
  longestDescription: 256,
};
