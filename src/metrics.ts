/**
 * What the function measures: the one list, for the function that emits it and for the construct's alarms and dashboard. Units as
 * CloudWatch has them.
 */
export const METRICS = {
  /** A version was promoted to `AWSCURRENT`. */
  RotationSucceeded: { unit: 'Count', dimensions: ['service', 'secret'] },
  /** A step of a rotation, a rotation started by hand, a check or a revocation did not do its work. */
  StepFailed: { unit: 'Count', dimensions: ['service', 'secret', 'step'] },
  /** From now until the new key expires. */
  NewKeyLifetime: { unit: 'Seconds', dimensions: ['service', 'secret'] },
  /** The new key expires before the next rotation is due. */
  NewKeyExpiresBeforeNextRotation: { unit: 'Count', dimensions: ['service', 'secret'] },
  /** Keys that nobody uses could not be revoked, or it could not be determined whether there are any. */
  RevocationFailed: { unit: 'Count', dimensions: ['service', 'secret'] },
  /** Keys that should have been revoked and still work. */
  KeysAwaitingRevocation: { unit: 'Count', dimensions: ['service', 'secret'] },
  /** Since the last rotation, or since a value was stored by hand. */
  DaysSinceLastRotation: { unit: 'None', dimensions: ['service', 'secret'] },
  /** Until the current key expires; negative if it has. */
  DaysUntilKeyExpires: { unit: 'None', dimensions: ['service', 'secret'] },
} as const;

export type MetricName = keyof typeof METRICS;

export const NAMESPACE = 'MomentoKeyRotation';

/** Of the dimension `service`. */
export const SERVICE = 'momento-key-rotation';
