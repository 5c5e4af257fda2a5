import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StandIns, startStandIns } from '../../src/local/stand-ins.ts';
import { METRICS } from '../../src/metrics.ts';
import { includes, metricsIn } from '../infra/metrics-in.ts';
import { synth } from '../infra/synth.ts';

/** The secret of the template that tests synthesize. */
const SECRET = 'momento/key';

interface Emitted {
  namespace: string;
  name: string;
  unit: string;
  dimensions: Record<string, string>;
}

let standIns: StandIns;
const emitted: Emitted[] = [];

/**
 * One rotation that succeeds, but for the revocation of a key that it generated and was not told of, one that fails, and a check,
 * of the function as it is deployed.
 */
beforeAll(async () => {
  standIns = await startStandIns({ lambda: { onLog: collect } });
  const { client, momento, secretsManager, lambda } = standIns;
  const SecretString = momento.issueV2Key({ roleId: 'owner', validForSeconds: 3600 }).secretString;
  const { ARN: SecretId } = await client.send(new CreateSecretCommand({ Name: SECRET, SecretString }));
  const rotate = { SecretId, RotationLambdaARN: lambda.functionArn, RotationRules: { AutomaticallyAfterDays: 1 } };

  const denied = { kind: 'error', error: { code: 'AccessDeniedException', message: 'Not authorized' } } as const;
  momento.apiKeysFaults.add(
    { call: 'GenerateApiKey', at: 'after', mishap: { kind: 'disconnect' } },
    { call: 'RevokeApiKey', mishap: { kind: 'error', error: { status: 403 } }, times: Number.POSITIVE_INFINITY },
  );
  await client.send(new RotateSecretCommand(rotate));
  await secretsManager.rotationSettled();
  secretsManager.faults.add({ call: 'GetSecretValue', mishap: denied });
  await client.send(new RotateSecretCommand(rotate));
  await secretsManager.rotationSettled();
  await lambda.invoke({ CheckSecrets: [SecretId] });
});
afterAll(() => standIns.close());

/** A metric in the embedded metric format. */
function collect(line: string): void {
  if (!line.startsWith('{"_aws"')) return;
  const { _aws, ...fields } = JSON.parse(line);
  for (const { Namespace, Metrics, Dimensions } of _aws.CloudWatchMetrics) {
    for (const { Name, Unit } of Metrics) {
      const dimensions = Object.fromEntries(Dimensions[0].map((name: string) => [name, fields[name]]));
      emitted.push({ namespace: Namespace, name: Name, unit: Unit, dimensions });
    }
  }
}

test('the function emits the metrics that the construct knows, with their units and dimensions', () => {
  const kinds = Object.fromEntries(
    emitted.map(({ name, unit, dimensions }) => [name, { unit, dimensions: Object.keys(dimensions) }]),
  );
  expect(kinds).toEqual(METRICS);
});

test('each of them is in the template, under the name that the secret has', () => {
  const found = metricsIn(synth(() => ({ dashboard: true, v2Keys: {} })).template);
  const missing = emitted.filter((metric) => !found.some((candidate) => includes(candidate, metric)));
  expect(missing).toEqual([]);
});
