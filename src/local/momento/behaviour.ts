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
}

export const likeliestBehaviour: Behaviour = {
  refreshTokenReuse: 'allowed',
  newKeyKnownAfterCalls: 0,
  expiredKeyRefreshError: 'UNAUTHENTICATED',
  firstCheck: 'key',
};
