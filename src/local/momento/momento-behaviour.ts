/**
 * What Momento does not document, so that whoever uses it must hold with either setting; and the limits that it documents, of which
 * it says that they can be adjusted for an account (docs.momentohq.com, "Momento auth service quotas"). A limit of `Infinity` is none.
 */
export interface Behaviour {
  /**
   * How many auth operations an account has in any second: `GenerateApiToken`, `GenerateDisposableToken` and, with
   * {@link refreshesCount}, `RefreshApiToken`. More are answered `RESOURCE_EXHAUSTED`. An operation counts if this account issued the
   * key that it is called with, whatever comes of it; one that was one too many does not. The HTTP API of v2 keys is a service of its
   * own, and has no part in it (assumed).
   * @default 5 Documented.
   */
  authOperationsPerSecond: number;
  /**
   * Do refreshes count among the auth operations?
   * @default true A refresh is a call of the auth service like the others, and whoever rotates must hold if they do.
   */
  refreshesCount: boolean;
  /**
   * The longest lifetime of a disposable token, in seconds.
   * @default 90000 25 hours. Documented.
   */
  longestTokenLifetime: number;
  /**
   * The most permissions in a disposable token.
   * @default 20 Documented, as policy statements.
   */
  mostTokenPermissions: number;
  /**
   * The most characters of a disposable token's id.
   * @default 64 The SDK lets none pass that is longer (`validateDisposableTokenTokenID` of `@gomomento/sdk-core`).
   */
  longestTokenId: number;
  /**
   * Does a disposable token go on working when the key that vended it is revoked, or expires?
   * @default true Tokens cannot be revoked, so nothing seems to be looked up for them: they are signed statements.
   */
  tokensOutliveKey: boolean;
  /**
   * May a v2 key whose role is a super user's vend disposable tokens?
   * @default true Momento's own examples that vend tokens moved to v2 keys; a key that may not would leave nobody to vend, as new
   * keys are all v2.
   */
  v2KeysVend: boolean;
  /**
   * How long a session token lasts that a login ends with, in seconds.
   * @default 86400 A day: who logs in works with it for some time.
   */
  sessionLifetime: number;
  /**
   * Is a subscription ended, with `UNAUTHENTICATED`, when its key or token is revoked or expires? Expiry is seen at the next
   * item or heartbeat.
   * @default true Momento's own chat example waits for that error to fetch its next token.
   */
  subscriptionsEndWithKey: boolean;
  /**
   * How many of a topic's latest items are kept for subscriptions that resume.
   * @default 100 The wire's documentation leaves the amount open, and has discontinuities for what is missing.
   */
  keptTopicItems: number;
  /**
   * How often a subscription gets a heartbeat, in seconds of the system's clock, besides the one that it begins with.
   * @default 5 The wire's documentation promises no cadence.
   */
  heartbeatSeconds: number;
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
  authOperationsPerSecond: 5,
  refreshesCount: true,
  longestTokenLifetime: 25 * 60 * 60,
  mostTokenPermissions: 20,
  longestTokenId: 64,
  tokensOutliveKey: true,
  v2KeysVend: true,
  sessionLifetime: 24 * 60 * 60,
  subscriptionsEndWithKey: true,
  keptTopicItems: 100,
  heartbeatSeconds: 5,
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
