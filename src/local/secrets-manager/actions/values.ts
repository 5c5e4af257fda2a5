import type {
  GetSecretValueRequest,
  GetSecretValueResponse,
  PutSecretValueRequest,
  PutSecretValueResponse,
  UpdateSecretRequest,
  UpdateSecretResponse,
} from '@aws-sdk/client-secrets-manager';
import { scheduleNext } from '../rotations.ts';
import { accessDenied, invalidParameter, invalidRequest, notFound, resourceExists } from '../secrets-manager-errors.ts';
import {
  AWSCURRENT,
  AWSPENDING,
  attach,
  dropOldVersions,
  labelsOf,
  requireActive,
  type Secret,
  type SecretValue,
  sameValue,
  type Version,
  versionWith,
} from '../stored-secret.ts';
import type { Context } from './context.ts';

interface ValueInput {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}

/** The value in a request. An empty one counts as none, as it does for the service. */
export function valueIn(input: ValueInput): SecretValue | undefined {
  const { SecretString, SecretBinary } = input;
  if (SecretString !== undefined && SecretBinary !== undefined)
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  if (SecretString) return { SecretString };
  if (SecretBinary?.length) return { SecretBinary: Uint8Array.from(SecretBinary) };
  return undefined;
}

/** The AWS CLI and SDKs generate it; a bare HTTP request without one is refused (CreateSecret, ClientRequestToken). */
export function requireToken(token: string | undefined): string {
  if (token === undefined)
    throw invalidRequest('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
  return token;
}

export function requireUnused(secret: Secret, token: string, value: SecretValue): void {
  if (!sameValue(secret.versions.get(token)?.value, value))
    throw resourceExists(
      `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
    );
}

/** Creates a version, or fills the one that a rotation registered, and attaches the labels. */
export function store(context: Context, secret: Secret, id: string, value: SecretValue, labels: string[]): Version {
  const now = context.now();
  const registered = secret.versions.get(id);
  const version: Version = registered ?? { id, createdDate: now, labels: new Set() };
  const first = secret.versions.size === 0;
  attach(secret, version, first ? [...labels, AWSCURRENT] : labels);
  version.value = value;
  if (registered && context.behaviour.pendingCreatedDate === 'stored') version.createdDate = now;
  secret.versions.set(id, version);
  secret.lastChangedDate = now;
  if (labels.includes(AWSCURRENT)) giveUpPending(context, secret, version);
  dropOldVersions(secret, now);
  return version;
}

/**
 * A new current value, put by hand: "Secrets Manager removes the AWSPENDING label to allow future rotations to succeed"
 * and abandons the rotation under way (user guide, CloudTrail entries). It does so without a rotation as well, and takes
 * the label off the former current version too (LocalStack's snapshots of AWS, current_pending).
 */
function giveUpPending(context: Context, secret: Secret, stored: Version): void {
  const pending = versionWith(secret, AWSPENDING);
  if (pending !== stored) pending?.labels.delete(AWSPENDING);
  if (secret.rotation?.token === stored.id) return;
  context.rotation.abandon(secret, 'valueReplaced');
  scheduleNext(secret, context.now());
}

export function getSecretValue(context: Context, input: GetSecretValueRequest): GetSecretValueResponse {
  const secret = context.secrets.find(input.SecretId);
  requireActive(secret);
  const version = requestedVersion(secret, input);
  const today = new Date(Math.floor(context.now().getTime() / 86_400_000) * 86_400_000);
  secret.lastAccessedDate = today;
  version.lastAccessedDate = today;
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...version.value,
    VersionStages: labelsOf(version),
    CreatedDate: version.createdDate,
  };
}

function requestedVersion(secret: Secret, { VersionId, VersionStage }: GetSecretValueRequest): Version {
  const label = VersionStage ?? AWSCURRENT;
  const version = VersionId === undefined ? versionWith(secret, label) : secret.versions.get(VersionId);
  if (version && VersionStage !== undefined && !version.labels.has(VersionStage))
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  if (!version?.value) {
    const asked = VersionId === undefined ? `staging label: ${label}` : `VersionId: ${VersionId}`;
    throw notFound(`Secrets Manager can't find the specified secret value for ${asked}`);
  }
  return version;
}

export function putSecretValue(context: Context, input: PutSecretValueRequest): PutSecretValueResponse {
  const token = requireToken(input.ClientRequestToken);
  const value = valueIn(input);
  if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
  const secret = context.secrets.findWritable(input.SecretId);
  requireRotationToken(context, secret, token, input.RotationToken);
  let version = secret.versions.get(token);
  if (version?.value) requireUnused(secret, token, value);
  else version = store(context, secret, token, value, input.VersionStages ?? [AWSCURRENT]);
  return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: labelsOf(version) };
}

function requireRotationToken(context: Context, secret: Secret, id: string, rotationToken: string | undefined): void {
  const { rotation } = secret;
  if (!context.behaviour.rotationToken || rotation?.token !== id) return;
  if (rotationToken === undefined || !rotation.rotationTokens.has(rotationToken))
    throw accessDenied('RotationToken is missing, or is none that this rotation was given.');
}

export function updateSecret(context: Context, input: UpdateSecretRequest): UpdateSecretResponse {
  const value = valueIn(input);
  const token = value && requireToken(input.ClientRequestToken);
  const secret = findUpdatable(context, input);
  const versionId = value && token !== undefined ? storeUpdate(context, secret, token, value) : undefined;
  if (input.Description !== undefined) secret.description = input.Description;
  if (input.KmsKeyId !== undefined) secret.kmsKeyId = input.KmsKeyId;
  secret.lastChangedDate = context.now();
  return { ARN: secret.arn, Name: secret.name, VersionId: versionId };
}

/** "A replica secret can't be updated independently from its primary secret, except for its encryption key" (user guide). */
function findUpdatable(context: Context, input: UpdateSecretRequest): Secret {
  const { SecretId, SecretString, SecretBinary, Description, KmsKeyId } = input;
  const changesMore = [SecretString, SecretBinary, Description].some((member) => member !== undefined);
  if (changesMore || KmsKeyId === undefined) return context.secrets.findWritable(SecretId);
  const secret = context.secrets.find(SecretId);
  requireActive(secret);
  return secret;
}

function storeUpdate(context: Context, secret: Secret, token: string, value: SecretValue): string {
  const known = secret.versions.get(token)?.value;
  if (known && context.behaviour.updateWithKnownToken === 'refused')
    throw resourceExists(`You can't use ClientRequestToken ${token}: it names a version of secret ${secret.arn}.`);
  if (known) requireUnused(secret, token, value);
  else store(context, secret, token, value, [AWSCURRENT]);
  return token;
}
