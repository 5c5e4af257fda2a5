/** What AWS leaves undocumented. A rotation function must hold with either setting of each switch. */
export interface Behaviour {
  /**
   * Does `AWSPENDING` stay on the version that a rotation promoted?
   * @default 'kept': `RotateSecret`'s page allows both; descriptions of rotated secrets in the field show
   * `["AWSCURRENT","AWSPENDING"]` days later (aws-secrets-manager-rotation-lambdas issue 168), although a maintainer
   * says there that the service removes it (pull request 145). No recording tells: the functions of LocalStack's and of
   * moto's tests take it off themselves.
   */
  pendingAfterSuccess: 'removed' | 'kept';
  /**
   * The label was taken off during a rotation that failed: does the retry stage the same version again, or is the
   * rotation given up?
   * @default true: the user guide says that the entire rotation process is retried, and staging is its beginning.
   */
  restageOnRetry: boolean;
  /**
   * Is the `CreatedDate` of a version that was registered empty the date of its registration, or of the put that filled it?
   * @default 'stored': the API reference calls it the creation of the version, and `PutSecretValue` "creates a new version".
   */
  pendingCreatedDate: 'registered' | 'stored';
  /**
   * Does each event carry a `RotationToken`, without which a put to the version in rotation is refused?
   * @default false: `PutSecretValue`'s page requires it for an assumed role or across accounts only.
   */
  rotationToken: boolean;
  /**
   * `RotateSecret` again with the token of the rotation that it started: is it answered as the first time, or refused
   * because that rotation is not complete?
   * @default 'answered': the page recommends the token "to ensure that Secrets Manager doesn't attempt to create a secret
   * version twice" in a caller's retries, and the SDKs retry with the same one.
   */
  rotateWithSameToken: 'answered' | 'refused';
  /**
   * All four steps succeeded, but the version did not become `AWSCURRENT`. Is that a rotation that failed?
   * @default 'failed': the service tells from the labels whether a rotation is complete ("A previous rotation isn't complete").
   */
  finishedWithoutPromotion: 'failed' | 'succeeded';
  /**
   * May `AWSCURRENT` move to a version that was registered and never filled?
   * @default true: no page forbids it, and a label is no part of a version's value.
   */
  promoteEmptyVersion: boolean;
  /**
   * `UpdateSecret` with the token of an existing version and the same value: ignored as by `PutSecretValue`, or refused?
   * @default 'ignored': the page says that it "results in an error", but moto (pull request 9741) found otherwise at AWS.
   */
  updateWithKnownToken: 'ignored' | 'refused';
  /**
   * How many milliseconds, of the service's clock, does a change of a primary take to its replicas? Until then they show
   * what was before it, and `ReplicationStatus` has `InProgress`. `Infinity`: it never arrives.
   * @default 0: it has arrived when the next call is made. No page says how long it takes.
   */
  replicationLagMs: number;
  /**
   * The Regions where no change of a primary can be stored, with the `StatusMessage` that says why: the replica stays as
   * it was, and `ReplicationStatus` has `Failed`. Looked at when a change arrives, so that entries may come and go.
   * @default none
   */
  replicationFailures: ReadonlyMap<string, string>;
}

export const defaultBehaviour: Behaviour = {
  pendingAfterSuccess: 'kept',
  restageOnRetry: true,
  pendingCreatedDate: 'stored',
  rotationToken: false,
  rotateWithSameToken: 'answered',
  finishedWithoutPromotion: 'failed',
  promoteEmptyVersion: true,
  updateWithKnownToken: 'ignored',
  replicationLagMs: 0,
  replicationFailures: new Map(),
};
