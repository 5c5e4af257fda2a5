import {
  DescribeSecretCommand,
  type DescribeSecretResponse,
  GetSecretValueCommand,
  type GetSecretValueRequest,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  SecretsManagerServiceException,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { SecretStoreError } from './errors.ts';
import type { SecretDescription, SecretStore } from './secret-store.ts';

/**
 * The store over the AWS SDK.
 *
 * @param client makes one attempt a call (`maxAttempts: 1`): the protocol knows how much time is left, the SDK does not
 */
export function secretsManagerStore(client: SecretsManagerClient): SecretStore {
  const getValue = (request: GetSecretValueRequest, timeoutMs: number) =>
    call('GetSecretValue', timeoutMs, async (options) => {
      const value = await client.send(new GetSecretValueCommand(request), options);
      return {
        versionId: value.VersionId ?? incompleteAnswer('GetSecretValue'),
        stages: value.VersionStages ?? [],
        createdAt: value.CreatedDate,
        secretString: value.SecretString,
      };
    }).catch(undefinedIfNotFound);

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
    name: answer.Name ?? secretId,
    lastRotatedAt: answer.LastRotatedDate,
    rotationEnabled: answer.RotationEnabled ?? false,
    rotationRules: answer.RotationRules,
    replicaOf: answer.PrimaryRegion === region ? undefined : answer.PrimaryRegion,
    stages: answer.VersionIdsToStages ?? {},
  };
}

async function call<T>(
  action: string,
  timeoutMs: number,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const abortSignal = AbortSignal.timeout(timeoutMs);
  try {
    return await send({ abortSignal });
  } catch (error) {
    throw storeError(action, abortSignal.aborted ? new DOMException('', 'TimeoutError') : error);
  }
}

/** What the service answers when it asks its caller to slow down (developer guide, "Throttling exceptions"). */
const THROTTLED = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'];

/** The request did not leave. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND'];

function storeError(action: string, error: unknown): SecretStoreError {
  if (error instanceof SecretStoreError) return error;
  if (error instanceof SecretsManagerServiceException) {
    const status = error.$metadata.httpStatusCode ?? 500;
    return new SecretStoreError(action, error.name, {
      transient: status >= 500 || THROTTLED.includes(error.name),
      mayHaveWorked: status >= 500,
      // The request of a put carries the value, and a message may quote the request.
      detail: action === 'PutSecretValue' ? undefined : error.message,
    });
  }
  // No answer, or none that could be read; its message may quote the answer.
  const { code, name } = error as { code?: unknown; name: string };
  const reason = typeof code === 'string' ? code : name;
  return new SecretStoreError(action, reason, { transient: true, mayHaveWorked: !NOT_SENT.includes(reason) });
}

function undefinedIfNotFound(error: unknown): undefined {
  if (error instanceof SecretStoreError && error.code === 'ResourceNotFoundException') return undefined;
  throw error;
}

function incompleteAnswer(action: string): never {
  throw new SecretStoreError(action, 'IncompleteAnswer', { transient: true });
}
