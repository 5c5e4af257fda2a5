import type { RotationRules } from './rotation-rules.ts';

/** A secret's metadata, without any value. */
export interface SecretDescription {
  arn: string;
  name: string;
  /** Undefined: never, or rotation is off. */
  lastRotatedAt: Date | undefined;
  /** When anything about it was changed last, its labels too. Undefined: the service does not tell. */
  lastChangedAt: Date | undefined;
  rotationEnabled: boolean;
  /** It is marked for deletion: nothing can be read from it. */
  isDeleted: boolean;
  rotationRules: RotationRules | undefined;
  /** The Region of the primary, if the secret asked about is a replica. */
  replicaOf: string | undefined;
  /** Staging labels by version id. */
  stages: Readonly<Record<string, readonly string[]>>;
}

export interface SecretVersion {
  versionId: string;
  stages: readonly string[];
  createdAt: Date | undefined;
  /** Undefined: the value is binary. */
  secretString: string | undefined;
}

/**
 * The calls to Secrets Manager that the function makes, one attempt each; the protocol decides about retries.
 * Every method rejects with a {@link SecretStoreError} only, and gives up after `timeoutMs` milliseconds.
 */
export interface SecretStore {
  /** `DescribeSecret` */
  describe(secretId: string, timeoutMs: number): Promise<SecretDescription>;

  /** `GetSecretValue` of `AWSCURRENT`. Undefined: there is no current value. */
  getCurrent(secretId: string, timeoutMs: number): Promise<SecretVersion | undefined>;

  /** `GetSecretValue` by version id. Undefined: there is no such version, or it has no value yet. */
  getVersion(secretId: string, versionId: string, timeoutMs: number): Promise<SecretVersion | undefined>;

  /**
   * `PutSecretValue` of a version staged as `AWSPENDING`. Repeating it with the same value has no further effect.
   * Rejects with code `ResourceExistsException` when the version has another value.
   */
  putPending(secretId: string, version: PendingVersion, timeoutMs: number): Promise<void>;

  /** `UpdateSecretVersionStage`: moves `AWSCURRENT`. Rejects when `from` does not hold it any more. */
  moveCurrent(secretId: string, move: { from: string; to: string }, timeoutMs: number): Promise<void>;

  /** `UpdateSecretVersionStage`: takes `AWSPENDING` off. Rejects when the version does not hold it. */
  removePending(secretId: string, versionId: string, timeoutMs: number): Promise<void>;

  /** `RotateSecret`, to a version with this id. Resolves when the rotation is under way, not when it is done. */
  rotate(secretId: string, versionId: string, timeoutMs: number): Promise<void>;
}

interface PendingVersion {
  versionId: string;
  secretString: string;
  /** Passed on when the rotation event has one: the service asks for it where it rotates by an assumed role. */
  rotationToken: string | undefined;
}

type Labelled = Pick<SecretDescription, 'stages'>;

export function isStaged(description: Labelled, versionId: string, stage: string): boolean {
  // An event may name a version as it likes: `constructor` is none.
  return new Map(Object.entries(description.stages)).get(versionId)?.includes(stage) ?? false;
}

/** The version that holds a staging label. */
export function holderOf(description: Labelled, stage: string): string | undefined {
  return Object.keys(description.stages).find((versionId) => isStaged(description, versionId, stage));
}
