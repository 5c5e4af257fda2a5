/**
 * How far the local Secrets Manager is true. Each case names its source. By default the cases run against a local one
 * that this file starts; elsewhere with
 *
 * - `CONFORMANCE_ENDPOINT`: the URL of another endpoint, AWS's own or an emulator's. Region and credentials are then the
 *   environment's. Secrets are named `conformance-…`, and deleted without recovery afterwards.
 * - `CONFORMANCE_ROTATION_FUNCTION_ARN`: a rotation function that this endpoint can invoke; without it the cases that
 *   rotate are skipped. It must do what {@link rotationFunction} does: throw in the step that the current value names in
 *   `failAt`, else store a copy of the current value as the pending one and promote it.
 */
import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type LocalSecretsManager,
  type RotationEvent,
  startSecretsManager,
} from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import type { ConformanceCase, Endpoint } from './conformance/case.ts';
import { lifecycleCases } from './conformance/lifecycle.ts';
import { listCases } from './conformance/lists.ts';
import { rotationCases } from './conformance/rotation.ts';
import { stageCases } from './conformance/stages.ts';
import { valueCases } from './conformance/values.ts';

const elsewhere = process.env['CONFORMANCE_ENDPOINT'];
const functionElsewhere = process.env['CONFORMANCE_ROTATION_FUNCTION_ARN'];
const LOCAL_FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:conformance-rotation';
const canRotate = !elsewhere || Boolean(functionElsewhere);
const run = randomUUID().slice(0, 8);

let local: LocalSecretsManager | undefined;
let client: SecretsManager;

beforeAll(async () => {
  if (elsewhere) {
    client = new SecretsManager({ endpoint: elsewhere });
    return;
  }
  local = await startSecretsManager({ invoke: (_arn, event) => rotationFunction(event) });
  client = new SecretsManager(local.connection);
});

afterAll(async () => {
  client.destroy();
  await local?.close();
});

async function rotationFunction({ Step, SecretId, ClientRequestToken: token }: RotationEvent): Promise<void> {
  const { SecretString = '{}' } = await client.getSecretValue({ SecretId });
  if (JSON.parse(SecretString).failAt === Step) throw new Error(`told to fail at ${Step}`);
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
  }
}

/** Runs a case with secrets of its own, and deletes them. */
async function runCase({ run: body }: ConformanceCase, index: number): Promise<void> {
  const names: string[] = [];
  const newName = () => {
    const name = `conformance-${run}-${index}-${names.length}x`;
    names.push(name);
    return name;
  };
  const endpoint: Endpoint = {
    client,
    newName,
    rotationFunctionArn: elsewhere ? (functionElsewhere ?? '') : LOCAL_FUNCTION,
    async create(SecretString) {
      const created = await client.createSecret({ Name: newName(), ...(SecretString && { SecretString }) });
      return { name: `${created.Name}`, arn: `${created.ARN}`, versionId: `${created.VersionId}` };
    },
    async promoted(SecretId, versionId) {
      await local?.rotationSettled();
      const described = () => client.describeSecret({ SecretId });
      const isCurrent = async () => expect((await described()).VersionIdsToStages?.[versionId]).toContain('AWSCURRENT');
      // Elsewhere there is nothing to wait for but the labels themselves, and the end of the rotation after them.
      if (!elsewhere) return isCurrent();
      await vi.waitFor(isCurrent, { timeout: 45_000, interval: 500 });
      await vi.waitFor(async () => expect((await described()).LastRotatedDate).toBeDefined(), { timeout: 45_000 });
    },
  };
  try {
    await body(endpoint);
  } finally {
    for (const SecretId of names) await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
  }
}

const groups = {
  values: valueCases,
  stages: stageCases,
  lifecycle: lifecycleCases,
  lists: listCases,
  rotation: rotationCases,
};

describe.each(Object.entries(groups))('%s', (group, cases) => {
  const offset = Object.keys(groups).indexOf(group) * 1000;
  for (const [index, conformanceCase] of cases.entries()) {
    const { name, source, rotates = false } = conformanceCase;
    it.skipIf(rotates && !canRotate)(`${name} [${source}]`, { timeout: 120_000 }, () =>
      runCase(conformanceCase, offset + index),
    );
  }
});
