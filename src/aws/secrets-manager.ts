import {
  DescribeSecretCommand,
  type DescribeSecretResponse,
  GetSecretValueCommand,
  type GetSecretValueRequest,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { SecretStoreError } from '../rotation/errors.ts';
import type { SecretDescription, SecretStore } from '../rotation/secret-store.ts';
import { callAws } from './call-aws.ts';

/** What is only asked for when the service has answered for all that is named in it. */
const QUOTABLE = ['UpdateSecretVersionStage', 'RotateSecret'];

/** Of the other refusals, in place of the service's own words. */
const EXPLANATIONS: Partial<Record<string, string>> = {
  AccessDeniedException: "The function's role may not do that, or not use the KMS key that encrypts the secret",
  InvalidRequestException: 'The secret may be marked for deletion',
  ResourceNotFoundException: 'There is no secret of that name or ARN in this account and Region',
};

/**
 * The store over the AWS SDK.
 *
 * @param client makes one attempt a call (`maxAttempts: 1`): the protocol knows how much time is left, the SDK does not
 */
export function secretsManagerStore(client: SecretsManagerClient): SecretStore {
  const getValue = (request: GetSecretValueRequest, timeoutMs: number) =>
    call('GetSecretValue', timeoutMs, (options) => client.send(new GetSecretValueCommand(request), options))
      .then((value) => ({
        versionId: value.VersionId ?? incompleteAnswer('GetSecretValue'),
        stages: value.VersionStages ?? [],
        createdAt: value.CreatedDate,
        secretString: value.SecretString,
      }))
      .catch(undefinedIfNotFound);

  return {
    describe: (secretId, timeoutMs) =>
      call('DescribeSecret', timeoutMs, async (options) =>
        description(secretId, await client.send(new DescribeSecretCommand({ SecretId: secretId }), options)),
      ),

    getCurrent: (secretId, timeoutMs) => getValue({ SecretId: secretId, VersionStage: 'AWSCURRENT' }, timeoutMs),

    getVersion: (secretId, versionId, timeoutMs) => getValue({ SecretId: secretId, VersionId: versionId }, timeoutMs),

    putPending: (secretId, { versionId, secretString, rotationToken }, timeoutMs) =>
      call('PutSecretValue', timeoutMs, async (options) => {
        const command = new PutSecretValueCommand({
          SecretId: secretId,
          ClientRequestToken: versionId,
          SecretString: secretString,
          VersionStages: ['AWSPENDING'],
          RotationToken: rotationToken,
        });
        await client.send(command, options);
      }),

    moveCurrent: (secretId, { from, to }, timeoutMs) =>
      call('UpdateSecretVersionStage', timeoutMs, async (options) => {
        const command = new UpdateSecretVersionStageCommand({
          SecretId: secretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: to,
          RemoveFromVersionId: from,
        });
        await client.send(command, options);
      }),

    removePending: (secretId, versionId, timeoutMs) =>
      call('UpdateSecretVersionStage', timeoutMs, async (options) => {
        const command = new UpdateSecretVersionStageCommand({
          SecretId: secretId,
          VersionStage: 'AWSPENDING',
          RemoveFromVersionId: versionId,
        });
        await client.send(command, options);
      }),

    rotate: (secretId, versionId, timeoutMs) =>
      call('RotateSecret', timeoutMs, async (options) => {
        await client.send(new RotateSecretCommand({ SecretId: secretId, ClientRequestToken: versionId }), options);
      }),
  };
}

function description(secretId: string, answer: DescribeSecretResponse): SecretDescription {
  // arn:partition:secretsmanager:REGION:account:secret:name
  const region = answer.ARN?.split(':')[3];
  return {
    arn: answer.ARN ?? secretId,
    name: answer.Name ?? secretId,
    lastRotatedAt: answer.LastRotatedDate,
    lastChangedAt: answer.LastChangedDate,
    rotationEnabled: answer.RotationEnabled ?? false,
    isDeleted: answer.DeletedDate !== undefined,
    rotationRules: answer.RotationRules,
    replicaOf: answer.PrimaryRegion === region ? undefined : answer.PrimaryRegion,
    stages: answer.VersionIdsToStages ?? {},
  };
}

function call<T>(
  action: string,
  timeoutMs: number,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  return callAws(timeoutMs, send, ({ code, isTransient, mayHaveWorked, message }) => {
    // A message may quote the request. That of a put carries the value; and what a read asks for may be anything.
    const detail = QUOTABLE.includes(action) ? message : EXPLANATIONS[code];
    return new SecretStoreError(action, code, { transient: isTransient, mayHaveWorked, detail });
  });
}

function undefinedIfNotFound(error: unknown): undefined {
  if (error instanceof SecretStoreError && error.code === 'ResourceNotFoundException') return undefined;
  throw error;
}

function incompleteAnswer(action: string): never {
  throw new SecretStoreError(action, 'IncompleteAnswer', { transient: true });
}
