import type { RotationRulesType, Tag } from '@aws-sdk/client-secrets-manager';
import type { Schedule } from './schedule.ts';
import { invalidRequest, limitExceeded } from './secrets-manager-errors.ts';

export const AWSCURRENT = 'AWSCURRENT';
export const AWSPENDING = 'AWSPENDING';
const AWSPREVIOUS = 'AWSPREVIOUS';

export type SecretValue = { SecretString: string } | { SecretBinary: Uint8Array };

export interface Version {
  readonly id: string;
  createdDate: Date;
  /** Midnight UTC of the day, as in the service's answers. */
  lastAccessedDate?: Date;
  /** Absent on a version that a rotation registered and nobody filled. */
  value?: SecretValue;
  labels: Set<string>;
}

/** A rotation, or the test of one that `RotateImmediately: false` asks for, from its registration until it ended. */
export interface Rotation {
  readonly kind: 'rotation' | 'test';
  /** The `ClientRequestToken`, which is the version's id. */
  readonly token: string;
  state: 'running' | 'failed';
  /** How often it was started. */
  attempt: number;
  /** Every `RotationToken` that was handed out for it. Sensitive. */
  readonly rotationTokens: Set<string>;
}

/** What a replica has of its primary. */
export interface ReplicatedContent {
  readonly description: string | undefined;
  readonly tags: readonly Tag[] | undefined;
  readonly versions: readonly Readonly<Version>[];
  readonly lastChangedDate: Date;
}

/** A replica, as its primary knows it. */
export interface Replica {
  readonly region: string;
  kmsKeyId: string | undefined;
  /** May it take the place of another secret of that name? */
  overwrites: boolean;
  /** In the replica's Region; absent until the first content arrived there. */
  secret?: Secret;
  /** Sent and not arrived yet, oldest first. `due` is in milliseconds since 1970. */
  readonly underWay: { due: number; content: ReplicatedContent }[];
  /** What was sent last. */
  sent?: ReplicatedContent;
  /** Why what arrived last could not be stored. */
  failure?: string;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly createdDate: Date;
  lastChangedDate: Date;
  lastAccessedDate?: Date;
  description?: string;
  kmsKeyId?: string;
  /** Absent while the secret never had any. */
  tags?: readonly Tag[];
  /** In the order of their registration. */
  readonly versions: Map<string, Version>;
  /** When it may be deleted for good. Present while it is scheduled for deletion. */
  deletionDate?: Date;
  /** The Region of the primary, on a replica. */
  primaryRegion?: string;
  /** By Region, on a primary. */
  readonly replicas: Map<string, Replica>;
  rotationEnabled?: boolean;
  rotationLambdaArn?: string;
  rotationRules?: RotationRulesType;
  schedule?: Schedule;
  lastRotatedDate?: Date;
  nextRotationDate?: Date;
  /** The one that runs, or that failed and will be tried again. */
  rotation?: Rotation;
  /** The tokens with which `RotateSecret` started a rotation. */
  readonly rotatedTokens: Set<string>;
}

/** Quotas page of the user guide: "Staging labels attached across all versions of a secret". */
const LABELS_PER_SECRET = 20;
const VERSIONS_KEPT = 100;
const DAY_MS = 86_400_000;

export function versionWith(secret: Secret, label: string): Version | undefined {
  for (const version of secret.versions.values()) if (version.labels.has(label)) return version;
  return undefined;
}

/** The version that `AWSPENDING` marks as a rotation that is not complete, if there is one. */
export function pendingVersion(secret: Secret): Version | undefined {
  const pending = versionWith(secret, AWSPENDING);
  return pending?.labels.has(AWSCURRENT) ? undefined : pending;
}

export const labelsOf = (version: Version): string[] => [...version.labels].sort();

/** As in `DescribeSecret`: versions without labels are left out. */
export function versionIdsToStages(secret: Secret): Record<string, string[]> {
  const labelled = [...secret.versions.values()].filter((version) => version.labels.size > 0);
  return Object.fromEntries(labelled.map((version) => [version.id, labelsOf(version)]));
}

/** Takes each label off its holder and puts it on `version`; `AWSPREVIOUS` follows `AWSCURRENT`. */
export function attach(secret: Secret, version: Version, labels: Iterable<string>): void {
  const wanted = new Set(labels);
  const total = new Set([...wanted, ...[...secret.versions.values()].flatMap((each) => [...each.labels])]).size;
  if (total > LABELS_PER_SECRET)
    throw limitExceeded(
      `All versions of a secret together can have ${LABELS_PER_SECRET} staging labels; this would be ${total}.`,
    );
  for (const label of wanted) {
    const holder = versionWith(secret, label);
    if (holder === version) continue;
    holder?.labels.delete(label);
    version.labels.add(label);
    if (label === AWSCURRENT && holder) {
      versionWith(secret, AWSPREVIOUS)?.labels.delete(AWSPREVIOUS);
      holder.labels.add(AWSPREVIOUS);
    }
  }
}

/** "Removes unlabeled versions when there are more than 100, but not versions created less than 24 hours ago" (quotas page). */
export function dropOldVersions(secret: Secret, now: Date): void {
  for (const version of [...secret.versions.values()]) {
    if (secret.versions.size <= VERSIONS_KEPT) return;
    const outdated = version.labels.size === 0 && now.getTime() - version.createdDate.getTime() >= DAY_MS;
    if (outdated) secret.versions.delete(version.id);
  }
}

export function requireActive(secret: Secret): void {
  if (secret.deletionDate)
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}

export function sameValue(left: SecretValue | undefined, right: SecretValue | undefined): boolean {
  if (!left || !right) return left === right;
  if ('SecretString' in left) return 'SecretString' in right && left.SecretString === right.SecretString;
  return 'SecretBinary' in right && Buffer.compare(left.SecretBinary, right.SecretBinary) === 0;
}
