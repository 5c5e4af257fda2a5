import type { MetricName } from '../../src/metrics.ts';
import type { RotationError } from '../../src/rotation/errors.ts';
import type { Memory } from '../../src/rotation/memory.ts';
import type { StepName } from '../../src/rotation/steps.ts';
import type { Caller } from './simulation.ts';
import type { Snapshot } from './stand-ins.ts';

/** One sandbox of the function: what it remembers, and whether it is at work. */
export interface Sandbox {
  memory: Memory;
  /** The secrets that a run of the recurring schedule had no time for. */
  notBegun: Set<string>;
  isBusy: boolean;
}

/** What the function does: one step of a rotation, start one, check how secrets are doing, or revoke what nobody uses. */
export type Work = StepName | 'rotate' | 'check' | 'revoke';

/** What a check of the secret should find, as the services' own state has it. */
export interface Health {
  /** When it was last rotated, or its value stored. Epoch in milliseconds. */
  changedAt: number;
  expiresAt: number | undefined;
  /** The current value can be rotated. */
  isReadable: boolean;
  isRotated: boolean;
  /** Its keys can be revoked. */
  isRevocable: boolean;
  /** The key that manages it is let in, if one does. */
  isManageable: boolean;
  /** The key was not issued for another secret, as far as that is beyond doubt. */
  isOwn: boolean;
  /**
   * Every version, older ones too, holds a key, and the current one not one that was issued for another secret. Where keys are
   * revoked, one that does not may be in the way.
   */
  isTellable: boolean;
}

/** One event in one sandbox, and what it saw and said: what the invariants look at. */
export interface Invocation extends Caller {
  /** The ARN of the secret that it is about, or first about. */
  secretId: string;
  /** Undefined: the event says nothing that the function knows. */
  step: Work | undefined;
  versionId: string;
  event: unknown;
  /** The event is one of the protocol's. */
  isKnown: boolean;
  sandbox: Sandbox;
  startedAt: number;
  endsAt: number;
  /** Labels and rotation as the last answer to DescribeSecret showed them. */
  seen: Snapshot | undefined;
  /** When that was. */
  seenAt: number;
  /** The same when it was last about to move AWSCURRENT. */
  movesOn: number;
  /** The ids of the keys that were issued to it. */
  issued: string[];
  /** What has to be looked at before a call that changes something, and that failed, may be made again, and before AWSCURRENT is moved. */
  looksDue: Map<string, Set<string>>;
  /** The ids of the keys that it was told the service lets in. */
  accepted: Set<string>;
  warnings: string[];
  measured: [MetricName, number][];
  /** The ids of the keys that it revoked, in turn. */
  revokedKeys: string[];
  /** How many calls to revoke a key were answered as done. */
  revoked: number;
  /** How many calls for a page of the register it made. */
  listed: number;
  /** What was wrong with one of several secrets, and is told in a line of its own. */
  problems: unknown[];
  /** What was measured of each secret of several, by the name that Secrets Manager answered with. */
  found: ({ name: string | undefined } & Partial<Record<MetricName, number>>)[];
  /** What there was to be found when it began, if it is a check. */
  health: Health | undefined;
  /** The keys that had been issued when it began, and were never stored. */
  orphans: readonly string[];
  /** How many calls it made. */
  calls: number;
  /** It was told that what its step is for is done: the rest is about older keys. */
  hasDoneItsWork: boolean;
  /** It moved AWSCURRENT. */
  hasPromoted: boolean;
  /** The versions that its calls for a rotation registered. */
  started: string[];
  /** The labels of its version, as it last read them with its value. */
  read: readonly string[] | undefined;
  /** Attempts to have a key issued that may have had their effect, and brought none. */
  mayHaveIssued: number;
  /** Calls to Secrets Manager that failed, and how: `DescribeSecret ThrottlingException`. */
  failures: Set<string>;
  /** Calls that were not answered, by action. */
  unanswered: Set<string>;
  /** When a call last failed, by action. */
  failedAt: Map<string, number>;
  /** Undefined while it is at work, and when it was killed. */
  ended: { outcome: string } | { error: unknown } | undefined;
  /** Milliseconds that were left when it ended. */
  leftOver: number;
  /** Tells the service that its sandbox was killed. */
  onDeath: (() => void) | undefined;
}

/** In `looksDue`: what has to be looked at before the step is done. */
export const SWEEP = 'the end';

/** Whether it is about more than one secret, of which one is not there. */
export function isAboutSeveral({ event }: Invocation): boolean {
  const { CheckSecrets, RevokeRetiredKeys } = Object(event) as Record<string, unknown>;
  return [CheckSecrets, RevokeRetiredKeys].some((names) => Array.isArray(names) && names.length > 1);
}

export function failureOf({ ended }: Invocation): RotationError | undefined {
  return ended !== undefined && 'error' in ended ? (ended.error as RotationError) : undefined;
}
