/**
 * The process of the stand-ins: does what `services.ts` asks for over IPC, and ends when nobody is there to ask.
 */
import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { Certificate } from '../../src/local/certificate.ts';
import { startMomento } from '../../src/local/momento/momento.ts';
import { startSecretsManager } from '../../src/local/secrets-manager/local-secrets-manager.ts';
import { MOMENTO_DOMAIN } from './network.ts';
import { type Activity, type Answer, PING_CACHE, type Request, type Requests } from './services.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:bench';

let connections = 0;
subscribe('net.server.socket', () => {
  connections += 1;
});

let services: Awaited<ReturnType<typeof startServices>>;

async function startServices(certificate: Certificate) {
  const momento = await startMomento({
    tls: { ...certificate, domain: MOMENTO_DOMAIN },
    // One process does here in a minute what others do in a month.
    behaviour: { authOperationsPerSecond: Number.POSITIVE_INFINITY },
  });
  momento.createCache(PING_CACHE);
  // The benchmark runs the steps: the service's own first step never ends.
  const secretsManager = await startSecretsManager({ certificate, invoke: () => new Promise(() => {}) });
  return { momento, secretsManager };
}

const portOf = (address: string) => Number(address.split(':').at(-1));

const activity = (): Activity => ({
  secretsManager: services.secretsManager.calls.length,
  momento: services.momento.calls.length,
  connections,
});

function currentKeyId(secretId: string): string {
  const { momento, secretsManager } = services;
  const { SecretString = '{}' } = secretsManager.look('GetSecretValue', { SecretId: secretId });
  const { apiKey } = JSON.parse(SecretString) as { apiKey: string };
  if (!momento.isValid(apiKey)) throw new Error(`The current key of ${secretId} does not work.`);
  return momento.idOf(apiKey) as string;
}

type Answers = { [R in keyof Requests]: (argument: Requests[R][0]) => Requests[R][1] | Promise<Requests[R][1]> };

const answers: Answers = {
  async start(certificate) {
    services = await startServices(certificate);
    const { momento, secretsManager } = services;
    return { secretsManager: portOf(secretsManager.endpoint), momento: portOf(momento.address) };
  },

  createSecrets(count) {
    const { momento, secretsManager } = services;
    return Array.from({ length: count }, () => {
      const { id, secretString } = momento.issueKey();
      const request = { Name: `bench/${id}`, SecretString: secretString, ClientRequestToken: randomUUID() };
      return secretsManager.look('CreateSecret', request).ARN as string;
    });
  },

  beginRotation(secretId) {
    const { VersionId } = services.secretsManager.look('RotateSecret', {
      SecretId: secretId,
      ClientRequestToken: randomUUID(),
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 1 },
    });
    return { secretId, versionId: VersionId as string, keyId: currentKeyId(secretId), activity: activity() };
  },

  endRotation({ secretId, versionId, keyId, activity: before }) {
    const after = activity();
    const { VersionIdsToStages } = services.secretsManager.look('DescribeSecret', { SecretId: secretId });
    if (!VersionIdsToStages?.[versionId]?.includes('AWSCURRENT')) throw new Error(`AWSCURRENT of ${secretId} stayed.`);
    if (currentKeyId(secretId) === keyId) throw new Error(`The key of ${secretId} is the old one.`);
    return {
      secretsManager: after.secretsManager - before.secretsManager,
      momento: after.momento - before.momento,
      connections: after.connections - before.connections,
    };
  },

  delayCalls(ms) {
    const { momento, secretsManager } = services;
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
    answer.answer = await (answers[name] as (argument: unknown) => unknown)(argument);
  } catch (error) {
    answer.error = String(error);
  }
  process.send?.(answer);
});
process.on('disconnect', () => process.exit());
