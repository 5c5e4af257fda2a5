import { randomUUID } from 'node:crypto';
import type { LocalSecretsManager } from '../src/local/secrets-manager/server.ts';

/** What an operator sees of a secret of the local Secrets Manager, and does to it. None of it is a call that is counted or struck. */
export interface Operator {
  /** Of each version that has any. */
  labels(): Promise<Record<string, string[]>>;
  /** Undefined: the version has no value. @default of `AWSCURRENT` */
  valueText(versionId?: string, secretId?: string): string | undefined;
  /** Stores a value, made current unless labels are given. Returns its version. */
  put(secretString: string, options?: PutOptions): Promise<string>;
  moveLabel(label: string, move: { from?: string; to?: string }): Promise<void>;
}

interface PutOptions {
  versionId?: string;
  stages?: string[];
  /** @default the operator's */
  secretId?: string;
  rotationToken?: string | undefined;
}

export function operatorOf({ look }: LocalSecretsManager, secretId: string): Operator {
  return {
    async labels() {
      return look('DescribeSecret', { SecretId: secretId }).VersionIdsToStages ?? {};
    },
    valueText(versionId, id = secretId) {
      try {
        return look('GetSecretValue', { SecretId: id, VersionId: versionId }).SecretString;
      } catch {
        return undefined;
      }
    },
    async put(secretString, { versionId = randomUUID(), stages, secretId: id = secretId, rotationToken } = {}) {
      look('PutSecretValue', {
        SecretId: id,
        SecretString: secretString,
        ClientRequestToken: versionId,
        VersionStages: stages,
        RotationToken: rotationToken,
      });
      return versionId;
    },
    async moveLabel(label, { from, to }) {
      look('UpdateSecretVersionStage', {
        SecretId: secretId,
        VersionStage: label,
        RemoveFromVersionId: from,
        MoveToVersionId: to,
      });
    },
  };
}
