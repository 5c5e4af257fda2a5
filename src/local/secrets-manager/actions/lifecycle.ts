import type {
  CreateSecretRequest,
  CreateSecretResponse,
  DeleteSecretRequest,
  DeleteSecretResponse,
  RestoreSecretRequest,
  RestoreSecretResponse,
} from '@aws-sdk/client-secrets-manager';
import { replicationStatus } from '../replication.ts';
import { requirePrimary } from '../secrets.ts';
import { invalidParameter, invalidRequest, resourceExists } from '../secrets-manager-errors.ts';
import { AWSCURRENT, type Secret, type SecretValue } from '../stored-secret.ts';
import type { Context } from './context.ts';
import { requireOtherRegions } from './replicate.ts';
import { requireTags, setTags } from './tags.ts';
import { requireToken, requireUnused, store, valueIn } from './values.ts';

const DAY_MS = 86_400_000;
const DEFAULT_RECOVERY_DAYS = 30;

export function createSecret(context: Context, input: CreateSecretRequest): CreateSecretResponse {
  const name = input.Name ?? '';
  const { AddReplicaRegions: replicas = [], ForceOverwriteReplicaSecret: overwrite = false } = input;
  requireOtherRegions(context, replicas);
  const value = valueIn(input);
  const token = value && requireToken(input.ClientRequestToken);
  requireTags(input.Tags ?? []);
  const existing = name.startsWith('arn:') ? undefined : context.secrets.lookUp(name);
  if (existing) return createdBefore(existing, token, value);
  const secret = context.secrets.create(name);
  if (input.Description !== undefined) secret.description = input.Description;
  if (input.KmsKeyId !== undefined) secret.kmsKeyId = input.KmsKeyId;
  setTags(secret, input.Tags ?? []);
  if (token !== undefined && value) store(context, secret, token, value, [AWSCURRENT]);
  context.replication.replicate(secret, replicas, overwrite);
  return { ...createdAnswer(secret), VersionId: token };
}

/** The same request again is answered as it was the first time (CreateSecret, ClientRequestToken; moto pull request 9741). */
function createdBefore(
  secret: Secret,
  token: string | undefined,
  value: SecretValue | undefined,
): CreateSecretResponse {
  if (secret.deletionDate)
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  if (token === undefined || !value || !secret.versions.has(token))
    throw resourceExists(`The operation failed because the secret ${secret.name} already exists.`);
  requireUnused(secret, token, value);
  return { ...createdAnswer(secret), VersionId: token };
}

const createdAnswer = (secret: Secret): CreateSecretResponse => ({
  ARN: secret.arn,
  Name: secret.name,
  ReplicationStatus: replicationStatus(secret),
});

export function deleteSecret(context: Context, input: DeleteSecretRequest): DeleteSecretResponse {
  const { ForceDeleteWithoutRecovery: force = false, RecoveryWindowInDays: days } = input;
  if (force && days !== undefined)
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (days !== undefined && (days < 7 || days > 30))
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  return force ? deleteForGood(context, input.SecretId ?? '') : scheduleDeletion(context, input.SecretId, days);
}

function scheduleDeletion(
  context: Context,
  secretId: string | undefined,
  days = DEFAULT_RECOVERY_DAYS,
): DeleteSecretResponse {
  const secret = context.secrets.find(secretId);
  requireDeletable(secret);
  if (secret.deletionDate)
    throw invalidRequest(
      "You can't perform this operation on the secret because it was already scheduled for deletion.",
    );
  const deletionDate = new Date(context.now().getTime() + days * DAY_MS);
  secret.deletionDate = deletionDate;
  context.rotation.abandon(secret, 'deleted');
  return { ARN: secret.arn, Name: secret.name, DeletionDate: deletionDate };
}

/** "If you forcibly delete an already deleted or nonexistent secret, the operation does not return ResourceNotFoundException." */
function deleteForGood(context: Context, secretId: string): DeleteSecretResponse {
  const deletionDate = context.now();
  const secret = context.secrets.lookUp(secretId);
  if (!secret) {
    const arn = secretId.startsWith('arn:') ? secretId : context.secrets.newArn(secretId);
    return { ARN: arn, Name: secretId, DeletionDate: deletionDate };
  }
  requireDeletable(secret);
  secret.deletionDate = deletionDate;
  context.rotation.abandon(secret, 'deleted');
  context.secrets.remove(secret);
  return { ARN: secret.arn, Name: secret.name, DeletionDate: deletionDate };
}

/** "You can't delete a primary secret that is replicated to other Regions" (DeleteSecret). The words: cloud-nuke issue 435. */
function requireDeletable(secret: Secret): void {
  requirePrimary(secret);
  if (secret.replicas.size === 0) return;
  const regions = [...secret.replicas.keys()].sort().join(', ');
  throw invalidParameter(`You can't delete secret ${secret.arn} that still has replica regions [${regions}].`);
}

export function restoreSecret(context: Context, input: RestoreSecretRequest): RestoreSecretResponse {
  const secret = context.secrets.find(input.SecretId);
  requirePrimary(secret);
  delete secret.deletionDate;
  return { ARN: secret.arn, Name: secret.name };
}
