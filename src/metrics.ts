/**
 * What the function measures, with the unit as CloudWatch has it. Each metric has the dimensions `service` and `secret`;
 * `StepFailed` has `step` besides.
 */
export const METRICS = {
  /** A version was promoted to `AWSCURRENT`. */
  RotationSucceeded: 'Count',
  /** A step of a rotation, a rotation started by hand, a check or a revocation did not do its work. */
  StepFailed: 'Count',
  /** From now until the new key expires. */
  NewKeyLifetime: 'Seconds',
  /** The new key expires before the next rotation is due. */
  NewKeyExpiresBeforeNextRotation: 'Count',
  /** A key that nobody uses could not be revoked. */
  RevocationFailed: 'Count',
  /** Keys that should have been revoked and still work. */
  KeysAwaitingRevocation: 'Count',
  /** Since the last rotation, or since a value was stored by hand. */
  DaysSinceLastRotation: 'None',
  /** Until the current key expires; negative if it has. */
  DaysUntilKeyExpires: 'None',
} as const;

export type MetricName = keyof typeof METRICS;
