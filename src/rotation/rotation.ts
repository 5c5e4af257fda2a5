import type { Budget } from './budget.ts';
import type { Credential, CredentialKind } from './credential.ts';
import type { VersionMemory } from './memory.ts';
import type { RevocationSchedule } from './revocation-schedule.ts';
import type { SecretStore } from './secret-store.ts';

/** Work on one secret, and what it is done with. */
export interface Task {
  /** The secret's ARN. */
  secretId: string;
  store: SecretStore;
  kind: CredentialKind<Credential>;
  budget: Budget;
  report: Report;
  /** Milliseconds for which a credential that can be revoked is left alone after its successor was promoted. */
  overlapMs: number;
  /** A credential that was stored by hand, and then succeeded, is treated as one that was issued for the secret. */
  revokesFirstKey: boolean;
  /** Undefined: what is to be revoked is left to the next rotation. */
  schedule: RevocationSchedule | undefined;
}

/** One step of one rotation. */
export interface Rotation extends Task {
  /** The version in rotation: the event's `ClientRequestToken`. */
  versionId: string;
  /** The event's `RotationToken`. Sensitive. */
  rotationToken: string | undefined;
  memory: VersionMemory;
}

/** Where a step tells what is worth knowing although it did its work. */
export interface Report {
  warn(message: string): void;
  measure(metric: Metric, value: number): void;
}

export type Metric =
  /** Count: a version was promoted to `AWSCURRENT`. */
  | 'RotationSucceeded'
  /** Seconds from now until the new key expires. */
  | 'NewKeyLifetime'
  /** Count: the new key expires before the next rotation is due. */
  | 'NewKeyExpiresBeforeNextRotation'
  /** Count: a key that nobody uses could not be revoked. */
  | 'RevocationFailed'
  /** Keys that should have been revoked and still are not. */
  | 'KeysAwaitingRevocation'
  /** Days since the last rotation, or since a value was stored by hand. */
  | 'DaysSinceLastRotation'
  /** Days until the current key expires; negative if it has. */
  | 'DaysUntilKeyExpires';
