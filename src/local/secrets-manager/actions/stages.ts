import type {
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse,
} from '@aws-sdk/client-secrets-manager';
import { invalidParameter, invalidRequest, notFound } from '../secrets-manager-errors.ts';
import { AWSCURRENT, attach, type Secret, type Version, versionWith } from '../stored-secret.ts';
import type { Context } from './context.ts';

export function updateSecretVersionStage(
  context: Context,
  input: UpdateSecretVersionStageRequest,
): UpdateSecretVersionStageResponse {
  const { VersionStage: label = '', MoveToVersionId: to, RemoveFromVersionId: from } = input;
  if (to === undefined && from === undefined)
    throw invalidParameter('You must provide MoveToVersionId, RemoveFromVersionId, or both.');
  if (to === undefined && label === AWSCURRENT)
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  const secret = context.secrets.findWritable(input.SecretId);
  const target = to === undefined ? undefined : findVersion(secret, to);
  requireHolder(secret, label, target, from);
  if (target) {
    if (label === AWSCURRENT && !target.value && !context.behaviour.promoteEmptyVersion)
      throw invalidRequest(`AWSCURRENT can't be moved to version ${target.id}, which has no value.`);
    attach(secret, target, [label]);
  } else versionWith(secret, label)?.labels.delete(label);
  secret.lastChangedDate = context.now();
  return { ARN: secret.arn, Name: secret.name };
}

function findVersion(secret: Secret, id: string): Version {
  const version = secret.versions.get(id);
  if (!version) throw notFound(`Secrets Manager can't find the specified secret version: ${id}`);
  return version;
}

/**
 * "If the label is attached and you either do not specify this parameter [RemoveFromVersionId], or the version ID does
 * not match, then the operation fails."
 */
function requireHolder(secret: Secret, label: string, target: Version | undefined, from: string | undefined): void {
  const holder = versionWith(secret, label);
  if (from === undefined) {
    if (!holder || holder === target) return;
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ` +
        `${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (!holder)
    throw invalidParameter(`Staging label ${label} is not attached to version ${from} in RemoveFromVersionId.`);
  if (holder.id !== from)
    throw invalidParameter(
      `Staging label ${label} is currently attached to version ${holder.id}, so you must explicitly reference that ` +
        'version in RemoveFromVersionId.',
    );
}
