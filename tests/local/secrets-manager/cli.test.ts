import { expect, it } from 'vitest';
import type { RotationEvent } from '../../../src/local/secrets-manager/local-secrets-manager.ts';
import { awsCli, hasCli } from './aws-cli.ts';
import { FUNCTION_ARN, SECRET, startLocal } from './stand-in.ts';

it.skipIf(!hasCli)('the AWS CLI creates, rotates, reads and describes a secret', async () => {
  const local = await startLocal({ invoke: (_arn, event) => rotationFunction(event) });
  const aws = awsCli(local.server);

  async function rotationFunction({ Step, SecretId, ClientRequestToken }: RotationEvent): Promise<void> {
    const { client } = local;
    if (Step === 'createSecret')
      await client.putSecretValue({
        SecretId,
        ClientRequestToken,
        SecretString: '{"n":2}',
        VersionStages: ['AWSPENDING'],
      });
    if (Step === 'finishSecret')
      await client.updateSecretVersionStage({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: ClientRequestToken,
        RemoveFromVersionId: created.VersionId,
      });
  }

  const created = await aws('create-secret', '--name', SECRET, '--secret-string', '{"n":1}');
  const rules = '{"ScheduleExpression":"cron(0 16 1,15 * ? *)","Duration":"2h"}';
  const rotated = await aws(
    'rotate-secret',
    ...['--secret-id', SECRET, '--rotation-lambda-arn', FUNCTION_ARN, '--rotation-rules', rules],
  );
  await local.server.rotationSettled();
  const read = await aws('get-secret-value', '--secret-id', created.ARN);
  expect(read).toMatchObject({ Name: SECRET, VersionId: rotated.VersionId, SecretString: '{"n":2}' });
  const described = await aws('describe-secret', '--secret-id', SECRET);
  expect(described).toMatchObject({ RotationEnabled: true, RotationRules: { Duration: '2h' } });
  expect(described.VersionIdsToStages[created.VersionId]).toEqual(['AWSPREVIOUS']);
  await expect(aws('get-secret-value', '--secret-id', 'another')).rejects.toThrow(
    "An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret.",
  );
});
