/**
 * The process of the stand-ins: does what `services.ts` asks for over IPC, and ends when nobody is there to ask.
 */
import { subscribe } from 'node:diagnostics_channel';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { startMomento } from '../../src/local/momento/momento.ts';
import { startSecretsManager } from '../../src/local/secrets-manager/local-secrets-manager.ts';
import { type Activity, type Answer, PING_CACHE, type Request, type Requests } from './services.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:bench';

let connections = 0;
subscribe('net.server.socket', () => {
  connections += 1;
});

const momento = await startMomento();
momento.createCache(PING_CACHE);
// The benchmark runs the steps: the service's own first step never ends.
const secretsManager = await startSecretsManager({ invoke: () => new Promise(() => {}) });
const client = new SecretsManagerClient(secretsManager.connection);

const activity = (): Activity => ({
  secretsManager: secretsManager.calls.length,
  momento: momento.calls.length,
  connections,
});

async function currentKeyId(secretId: string): Promise<string> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
  const { apiKey } = JSON.parse(SecretString) as { apiKey: string };
  if (!momento.isValid(apiKey)) throw new Error(`The current key of ${secretId} does not work.`);
  return momento.idOf(apiKey) as string;
}

const answers: { [R in keyof Requests]: (argument: Requests[R][0]) => Promise<Requests[R][1]> } = {
  start: async () => secretsManager.endpoint,

  async createSecrets(count) {
    const secretIds: string[] = [];
    while (secretIds.length < count) {
      const { id, secretString } = momento.issueKey();
      const request = new CreateSecretCommand({ Name: `bench/${id}`, SecretString: secretString });
      const { ARN } = await client.send(request);
      secretIds.push(ARN as string);
    }
    return secretIds;
  },

  async beginRotation(secretId) {
    const { VersionId } = await client.send(
      new RotateSecretCommand({
        SecretId: secretId,
        RotationLambdaARN: FUNCTION_ARN,
        RotationRules: { AutomaticallyAfterDays: 1 },
      }),
    );
    const keyId = await currentKeyId(secretId);
    return { secretId, versionId: VersionId as string, keyId, activity: activity() };
  },

  async endRotation({ secretId, versionId, keyId, activity: before }) {
    const after = activity();
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
    if (!VersionIdsToStages?.[versionId]?.includes('AWSCURRENT')) throw new Error(`AWSCURRENT of ${secretId} stayed.`);
    if ((await currentKeyId(secretId)) === keyId) throw new Error(`The key of ${secretId} is the old one.`);
    return {
      secretsManager: after.secretsManager - before.secretsManager,
      momento: after.momento - before.momento,
      connections: after.connections - before.connections,
    };
  },

  async delayCalls(ms) {
    const late = (call: string) => ({ call, mishap: { kind: 'delay' as const, ms }, times: Number.POSITIVE_INFINITY });
    secretsManager.faults.clear();
    momento.faults.clear();
    if (ms === 0) return;
    const actions = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];
    secretsManager.faults.add(...actions.map(late));
    momento.faults.add(...['RefreshApiToken', 'Get'].map(late));
  },
};

process.on('message', async ({ id, name, argument }: Request) => {
  const answer: Answer = { id };
  try {
    answer.answer = await (answers[name] as (argument: unknown) => Promise<unknown>)(argument);
  } catch (error) {
    answer.error = String(error);
  }
  process.send?.(answer);
});
process.on('disconnect', () => process.exit());
