import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import {
  createSecretsManagerService,
  type LocalSecretsManagerOptions,
  type RotationEvent,
  type RotationNotice,
  type RotationStep,
  type SecretsManagerService,
  type ServiceOptions,
  startSecretsManager,
} from '../../../src/local/secrets-manager/local-secrets-manager.ts';

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotation';
export const SECRET = 'momento/authentication-token';

/** A server and an SDK client that tries each call once. Both end with the test. */
export async function startLocal(options: LocalSecretsManagerOptions = {}) {
  const server = await startSecretsManager(options);
  const client = new SecretsManager({ ...server.connection, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  return { server, client };
}

/** What the rotation function does in a step, instead of what a good one does. */
export type Deviations = Partial<
  Record<RotationStep, (service: SecretsManagerService, event: RotationEvent) => unknown>
>;

/**
 * The service in this process with a rotation function that puts a new value and promotes it, and a secret with the
 * value `first`.
 */
export function startService(deviations: Deviations = {}, options: Omit<ServiceOptions, 'invoke'> = {}) {
  const events: RotationEvent[] = [];
  const notices: RotationNotice[] = [];
  const service = createSecretsManagerService({
    ...options,
    async invoke(_arn, event) {
      events.push(event);
      const deviation = deviations[event.Step];
      return deviation ? deviation(service, event) : perform(service, event);
    },
  });
  onTestFinished(() => service.close());
  service.events.subscribe((event) => {
    if (event.type !== 'call') notices.push(event);
  });
  const first = randomUUID();
  service.call('CreateSecret', { Name: SECRET, SecretString: 'first', ClientRequestToken: first });
  const rotate = (rest = {}) => rotateSecret(service, rest);
  return { service, events, notices, first, rotate, steps: () => events.map((event) => event.Step) };
}

export function rotateSecret(service: SecretsManagerService, rest = {}): string {
  const request = {
    SecretId: SECRET,
    RotationLambdaARN: FUNCTION_ARN,
    RotationRules: { AutomaticallyAfterDays: 30 },
    ClientRequestToken: randomUUID(),
    ...rest,
  };
  return `${service.call('RotateSecret', request).VersionId}`;
}

export function perform(service: SecretsManagerService, event: RotationEvent): void {
  const { SecretId, ClientRequestToken, RotationToken } = event;
  if (event.Step === 'createSecret')
    service.call('PutSecretValue', {
      SecretId,
      ClientRequestToken,
      RotationToken,
      SecretString: `value of ${ClientRequestToken}`,
      VersionStages: ['AWSPENDING'],
    });
  if (event.Step === 'finishSecret')
    service.call('UpdateSecretVersionStage', {
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId: holderOf(service, 'AWSCURRENT'),
    });
}

export function stagesIn(service: SecretsManagerService): Record<string, string[]> {
  return service.call('DescribeSecret', { SecretId: SECRET }).VersionIdsToStages ?? {};
}

export function holderOf(service: SecretsManagerService, label: string): string | undefined {
  return Object.entries(stagesIn(service)).find(([, labels]) => labels.includes(label))?.[0];
}

export function handPut(service: SecretsManagerService, value = 'by hand'): string {
  const ClientRequestToken = randomUUID();
  service.call('PutSecretValue', { SecretId: SECRET, SecretString: value, ClientRequestToken });
  return ClientRequestToken;
}

/** A deviation that throws. */
export const fails = () => {
  throw new TypeError('told to fail');
};
