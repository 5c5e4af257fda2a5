import type { Duration } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IDependable } from 'constructs';
import { grantAdminSecret } from './access.ts';
import type { RotationFunction } from './function.ts';
import { scheduleRevocation } from './revocation.ts';
import { type RotatedSecret, readAdminSecret } from './secrets.ts';

/** How v2 keys are managed. */
export interface V2KeysProps {
  /**
   * The secret with a v2 key that may manage others, in the stack's region and account. It may be one of `secrets`: then it
   * rotates itself, too. The function's role may read it, and no other that a field `adminSecret` in a secret names: let
   * it read those with `grantRead` of the secret and the `function` of the construct.
   *
   * A customer-managed key is taken from `encryptionKey`, as that of `secrets`.
   *
   * @default - none: each key manages itself, for which its role must have the right to
   */
  readonly adminSecret?: ISecret;

  /**
   * The id of the role of the v2 keys that succeed v1 keys: with it, the next rotation of each secret with a v1 key brings
   * it over to v2. The v1 key goes on working until it expires, since nobody can revoke it. Needs `adminSecret`. A key that
   * is a v2 key already keeps its own role.
   *
   * @default - none: v1 keys are succeeded by v1 keys
   */
  readonly roleId?: string;

  /**
   * How long new v2 keys live, in whole days from 1 to 3650. Longer than the longest time between two rotations and
   * `expiryNotice` together.
   *
   * @default - as long as their predecessor
   */
  readonly keyLifetime?: Duration;

  /**
   * How long a superseded v2 key goes on working at least, in whole minutes from one minute to 365 days. At least as long
   * as applications keep a key in memory: one that is revoked earlier is refused to them. Where it is longer than the time
   * between two rotations, several superseded keys work at a time.
   *
   * @default Duration.hours(1)
   */
  readonly overlap?: Duration;

  /**
   * Revoke a superseded key as soon as its overlap is over, by a schedule that runs once, instead of with the next rotation.
   * Each rotation creates one, in a group of EventBridge Scheduler; it invokes the function by a role of its own. The
   * function's role may then create schedules in that group and pass that role on. In a VPC the function must reach
   * EventBridge Scheduler.
   *
   * What cannot be delivered to the function, or fails three times there, is kept for 14 days in a dead-letter queue (see
   * `revocationDeadLetterQueue`), with an alarm. Lambda knows one such setting for all asynchronous invocations of a
   * function: a daily check that fails three times goes there as well, and whatever else you have invoke it asynchronously.
   *
   * When it is switched off again, the schedules that are still to come are deleted, and the next rotation revokes.
   *
   * @default false
   */
  readonly revokeOnSchedule?: boolean;
}

export interface V2Keys {
  /** Where scheduled revocations go that failed, if there are any. */
  readonly deadLetterQueue: Queue | undefined;
  /** What the function cannot do all of its work without. */
  readonly ready: IDependable[];
}

const MOST_LIFETIME_DAYS = 3650;
const MOST_OVERLAP_MINUTES = 365 * 24 * 60;

/**
 * Tells the function how to manage v2 keys, and lets it.
 *
 * @throws Error with what to write instead
 */
export function setUpV2Keys(
  scope: Construct,
  props: V2KeysProps,
  rotationFunction: RotationFunction,
  secrets: readonly RotatedSecret[],
): V2Keys {
  const { lambda, role } = rotationFunction;
  const { roleId, keyLifetime, overlap } = props;
  const tell = (name: string, value: string | number | undefined) => {
    if (value !== undefined) lambda.addEnvironment(name, String(value));
  };
  if (roleId !== undefined) requireRole(roleId, props.adminSecret);
  const adminSecret = props.adminSecret === undefined ? undefined : readAdminSecret(scope, props.adminSecret);
  tell('MOMENTO_ADMIN_SECRET', adminSecret?.secretId);
  tell('MOMENTO_ROLE_ID', roleId);
  tell('MOMENTO_KEY_LIFETIME_DAYS', keyLifetime && readLifetimeDays(keyLifetime));
  tell('MOMENTO_OVERLAP_SECONDS', overlap && readOverlapSeconds(overlap));

  const access = adminSecret === undefined ? [] : grantAdminSecret(scope, { role, adminSecret, secrets });
  // On a running function's next deployment: its rights come before it is told to use them.
  lambda.node.defaultChild?.node.addDependency(...access);
  const revocation = props.revokeOnSchedule ? scheduleRevocation(scope, rotationFunction) : undefined;
  return { deadLetterQueue: revocation?.deadLetterQueue, ready: [...access, ...(revocation?.ready ?? [])] };
}

function requireRole(roleId: string, adminSecret: ISecret | undefined): void {
  if (roleId.trim() === '') {
    throw new Error('roleId is empty. Write the id of the role that v2 keys are to have, or leave it out.');
  }
  if (adminSecret === undefined) {
    throw new Error(
      'roleId needs adminSecret: a v1 key cannot manage keys. Give the secret with a v2 key that may, or leave roleId out.',
    );
  }
}

function readLifetimeDays(lifetime: Duration): number {
  const days = lifetime.toDays({ integral: false });
  if (!Number.isInteger(days) || days < 1 || days > MOST_LIFETIME_DAYS) {
    throw new Error(
      `keyLifetime is ${lifetime}. Write whole days, from Duration.days(1) to Duration.days(${MOST_LIFETIME_DAYS}).`,
    );
  }
  return days;
}

function readOverlapSeconds(overlap: Duration): number {
  const minutes = overlap.toMinutes({ integral: false });
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_OVERLAP_MINUTES) {
    throw new Error(`overlap is ${overlap}. Write whole minutes, from Duration.minutes(1) to Duration.days(365).`);
  }
  return minutes * 60;
}
