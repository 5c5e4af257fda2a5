/**
 * How far the local Secrets Manager is true. Each case names its source. By default the cases run against a local one
 * that this file starts; elsewhere with
 *
 * - `CONFORMANCE_ENDPOINT`: the URL of another endpoint, AWS's own or an emulator's. Region and credentials are then the
 *   environment's. Secrets are named `conformance-…`, and deleted without recovery afterwards.
 * - `CONFORMANCE_ROTATION_FUNCTION_ARN`: a rotation function that this endpoint can invoke; without it the cases that
 *   rotate are skipped. It must do what {@link rotationFunction} does: throw in the step that the current value names in
 *   `failAt`, else store a copy of the current value as the pending one and promote it, and then take `AWSPENDING` off it if
 *   the current value has `unstages: true`; and before that write down what it sees in each step, in the secret that the
 *   current value names in `report`.
 * - `CONFORMANCE_REPLICA_REGION`: another Region there, without which the cases that replicate are skipped. Its endpoint
 *   is the first one's URL with this Region in place of the other, if there is one in it.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type LocalSecretsManager,
  type RotationEvent,
  startSecretsManager,
} from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import { type ConformanceCase, type Endpoint, listed } from './conformance/case.ts';
import { groups } from './conformance/groups.ts';

const elsewhere = process.env['CONFORMANCE_ENDPOINT'];
const functionElsewhere = process.env['CONFORMANCE_ROTATION_FUNCTION_ARN'];
const LOCAL_FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:conformance-rotation';
const canRotate = !elsewhere || Boolean(functionElsewhere);
const otherRegion = process.env['CONFORMANCE_REPLICA_REGION'] ?? (elsewhere ? undefined : 'eu-west-1');
const run = randomUUID().slice(0, 8);

let local: LocalSecretsManager | undefined;
/** Of the local one's clock, before the system's. */
let aheadMs = 0;
let client: SecretsManager;
let other: Endpoint['other'];

beforeAll(async () => {
  if (elsewhere) {
    client = new SecretsManager({ endpoint: elsewhere });
    const region = otherRegion ?? '';
    const endpoint = elsewhere.replace(await client.config.region(), region);
    other = { region, client: new SecretsManager({ endpoint, region }) };
    return;
  }
  local = await startSecretsManager({
    invoke: (_arn, event) => rotationFunction(event),
    canInvoke: (functionArn) => functionArn === LOCAL_FUNCTION,
    now: () => new Date(Date.now() + aheadMs),
  });
  const region = `${otherRegion}`;
  client = new SecretsManager(local.connection);
  other = { region, client: new SecretsManager({ ...local.connection, region }) };
});

afterAll(async () => {
  client.destroy();
  other.client.destroy();
  await local?.close();
});

async function rotationFunction({ Step, SecretId, ClientRequestToken: token }: RotationEvent): Promise<void> {
  const { SecretString = '{}' } = await client.getSecretValue({ SecretId });
  const { failAt, report, unstages } = JSON.parse(SecretString);
  if (report) await writeDown(report, Step, SecretId, token);
  if (failAt === Step) throw new Error(`told to fail at ${Step}`);
  if (Step === 'createSecret')
    await client.putSecretValue({
      SecretId,
      ClientRequestToken: token,
      SecretString,
      VersionStages: ['AWSPENDING'],
    });
  if (Step === 'finishSecret') {
    const current = await client.getSecretValue({ SecretId });
    await client.updateSecretVersionStage({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: token,
      RemoveFromVersionId: current.VersionId,
    });
    if (unstages)
      await client.updateSecretVersionStage({ SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: token });
  }
}

async function writeDown(report: string, step: string, SecretId: string, version: string): Promise<void> {
  const pending = await client
    .getSecretValue({ SecretId, VersionId: version, VersionStage: 'AWSPENDING' })
    .then(({ SecretString, VersionStages }) => ({ pending: SecretString, stages: VersionStages }))
    .catch((error: Error) => ({ pending: error.name }));
  const versions = await listed(client, SecretId, true);
  const { SecretString: before = '' } = await client.getSecretValue({ SecretId: report });
  const SecretString = JSON.stringify([...JSON.parse(before), { step, version, versions, ...pending }]);
  await client.putSecretValue({ SecretId: report, SecretString });
}

/** Repeated where the service takes its time. */
async function eventually(check: () => Promise<void>): Promise<void> {
  await local?.rotationSettled();
  if (!elsewhere) return check();
  await vi.waitFor(check, { timeout: 45_000, interval: 500 });
}

async function timePasses(): Promise<void> {
  if (local) aheadMs += 1000;
  else await sleep(1000);
}

async function deleteForGood(at: SecretsManager, SecretId: string): Promise<void> {
  await eventually(async () => void (await at.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true })));
}

/** With its replicas, and with what became of them. */
async function deleteEverywhere(SecretId: string): Promise<void> {
  const { ReplicationStatus: replicas = [] } = await client.describeSecret({ SecretId }).catch(() => ({}) as never);
  const RemoveReplicaRegions = replicas.map(({ Region }) => `${Region}`);
  if (replicas.length > 0) await client.removeRegionsFromReplication({ SecretId, RemoveReplicaRegions });
  for (const each of [client, other.client]) await deleteForGood(each, SecretId);
}

/** Runs a case with secrets of its own, and deletes them. */
async function runCase({ run: body, replicates }: ConformanceCase, index: number): Promise<void> {
  const names: string[] = [];
  const newName = () => {
    const name = `conformance-${run}-${index}-${names.length}x`;
    names.push(name);
    return name;
  };
  const endpoint: Endpoint = {
    client,
    other,
    newName,
    eventually,
    timePasses,
    rotationFunctionArn: elsewhere ? (functionElsewhere ?? '') : LOCAL_FUNCTION,
    async create(SecretString) {
      const created = await client.createSecret({ Name: newName(), ...(SecretString && { SecretString }) });
      return { name: `${created.Name}`, arn: `${created.ARN}`, versionId: `${created.VersionId}` };
    },
    async promoted(SecretId, versionId) {
      const described = () => client.describeSecret({ SecretId });
      await eventually(async () => expect((await described()).VersionIdsToStages?.[versionId]).toContain('AWSCURRENT'));
      // The end of the rotation comes after its last label.
      await eventually(async () => expect((await described()).LastRotatedDate).toBeDefined());
    },
  };
  try {
    await body(endpoint);
  } finally {
    for (const name of names) await (replicates ? deleteEverywhere(name) : deleteForGood(client, name));
  }
}

describe.each(Object.entries(groups))('%s', (group, cases) => {
  const offset = Object.keys(groups).indexOf(group) * 1000;
  for (const [index, conformanceCase] of cases.entries()) {
    const { name, source, rotates = false, replicates = false } = conformanceCase;
    it.skipIf((rotates && !canRotate) || (replicates && !otherRegion))(
      `${name} [${source}]`,
      { timeout: 120_000 },
      () => runCase(conformanceCase, offset + index),
    );
  }
});
