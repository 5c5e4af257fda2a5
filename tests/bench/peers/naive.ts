import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  AuthClient,
  CacheClient,
  CacheGetResponse,
  Configurations,
  CredentialProvider,
  RefreshApiKeyResponse,
} from '@gomomento/sdk';
import type { StepEvent, Value } from './step.ts';

/**
 * The four steps as one writes them at first: both SDKs imported at the top, and the same nine calls, one after the other. It does the work when
 * all goes well, and only then.
 */
const secretsManager = new SecretsManagerClient({});

export async function handler(event: StepEvent): Promise<void> {
  switch (event.Step) {
    case 'createSecret':
      return createSecret(event);
    case 'testSecret':
      return testSecret(event);
    case 'finishSecret':
      return finishSecret(event);
  }
}

async function createSecret({ SecretId, ClientRequestToken: VersionId }: StepEvent): Promise<void> {
  const description = await secretsManager.send(new DescribeSecretCommand({ SecretId }));
  if (!description.VersionIdsToStages?.[VersionId]?.includes('AWSPENDING')) throw new Error('not staged');
  const current = await read({ SecretId, VersionStage: 'AWSCURRENT' });
  const pending = await read({ SecretId, VersionId }).catch(() => undefined);
  if (pending) return;
  const client = new AuthClient({ credentialProvider: credentials(current.apiKey) });
  const refreshed = await client.refreshApiKey(current.refreshToken);
  if (refreshed.type === RefreshApiKeyResponse.Error) throw refreshed.innerException();
  const { apiKey, refreshToken, expiresAt } = refreshed;
  await secretsManager.send(
    new PutSecretValueCommand({
      SecretId,
      ClientRequestToken: VersionId,
      SecretString: JSON.stringify({ ...current, apiKey, refreshToken, validUntil: String(expiresAt.epoch()) }),
      VersionStages: ['AWSPENDING'],
    }),
  );
}

async function testSecret({ SecretId, ClientRequestToken: VersionId }: StepEvent): Promise<void> {
  const { apiKey } = await read({ SecretId, VersionId });
  const client = new CacheClient({
    credentialProvider: credentials(apiKey),
    configuration: Configurations.Lambda.latest(),
    defaultTtlSeconds: 60,
  });
  const response = await client.get(process.env['MOMENTO_PING_CACHE'] ?? '', 'an-item');
  client.close();
  if (response.type === CacheGetResponse.Error) throw response.innerException();
}

async function finishSecret({ SecretId, ClientRequestToken: VersionId }: StepEvent): Promise<void> {
  const { VersionIdsToStages = {} } = await secretsManager.send(new DescribeSecretCommand({ SecretId }));
  await secretsManager.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: VersionId,
      RemoveFromVersionId: Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes('AWSCURRENT')),
    }),
  );
}

async function read(request: { SecretId: string; VersionId?: string; VersionStage?: string }): Promise<Value> {
  const { SecretString = '{}' } = await secretsManager.send(new GetSecretValueCommand(request));
  return JSON.parse(SecretString) as Value;
}

const credentials = (apiKey: string) => CredentialProvider.fromString({ apiKey });
