import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type StandIns, startStandIns } from '../../src/local/stand-ins.ts';

let standIns: StandIns;
const lines: string[] = [];
beforeEach(async () => {
  lines.length = 0;
  standIns = await startStandIns({ lambda: { onLog: (line) => lines.push(line) } });
});
afterEach(() => standIns.close());

test('a check emits the days since the last rotation and the days until the key expires, by secret', async () => {
  const { client, momento, secretsManager, lambda } = standIns;
  const SecretString = momento.issueKey({ validForSeconds: 20 * 86_400 }).secretString;
  const { ARN: SecretId } = await client.send(new CreateSecretCommand({ Name: 'momento/a-key', SecretString }));
  await client.send(
    new RotateSecretCommand({
      SecretId,
      RotationLambdaARN: lambda.functionArn,
      RotationRules: { AutomaticallyAfterDays: 1 },
    }),
  );
  await secretsManager.rotationSettled();
  lines.length = 0;

  await lambda.invoke({ CheckSecrets: [SecretId] });

  const emitted = lines.map((line) => JSON.parse(line));
  const metrics = emitted.filter((line) => line._aws !== undefined);
  expect(metrics).toEqual([
    expect.objectContaining({ secret: 'momento/a-key', DaysSinceLastRotation: expect.closeTo(0, 1) }),
    expect.objectContaining({ secret: 'momento/a-key', DaysUntilKeyExpires: expect.closeTo(20, 1) }),
  ]);
  expect(emitted.at(-1)).toMatchObject({ message: 'check: checked', step: 'check' });
});

test('a check of a secret that is not there fails', async () => {
  await expect(standIns.lambda.invoke({ CheckSecrets: ['momento/nothing'] })).rejects.toMatchObject({
    errorMessage: expect.stringContaining(
      'CheckSecrets[0]: Secrets Manager refused DescribeSecret: ResourceNotFoundException',
    ),
  });
});
