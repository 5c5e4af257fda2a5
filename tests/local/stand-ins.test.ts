import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { expect, onTestFinished, test } from 'vitest';
import { SCHEDULE_GROUP, startStandIns } from '../../src/local/stand-ins.ts';
import { folderForTest } from './lambda/function.ts';

test('the function is pointed at the local services, and can be pointed elsewhere', async () => {
  const taskRoot = await folderForTest({ 'index.mjs': 'export const handler = async () => process.env;' });
  const start = async (environment: Record<string, string>) => {
    const standIns = await startStandIns({ lambda: { taskRoot, environment } });
    onTestFinished(() => standIns.close());
    return standIns;
  };

  const local = await start({});
  expect(await local.lambda.invoke({})).toMatchObject({
    AWS_ENDPOINT_URL_SECRETS_MANAGER: local.secretsManager.endpoint,
    AWS_ENDPOINT_URL_SCHEDULER: local.scheduler.endpoint,
    MOMENTO_API_KEYS_ENDPOINT: local.momento.apiKeysEndpoint,
    MOMENTO_HOSTS: '127.0.0.1',
  });
  expect(local.environment['AWS_ENDPOINT_URL_SCHEDULER']).toBe(local.scheduler.endpoint);
  expect(local.environment['MOMENTO_API_KEYS_ENDPOINT']).toBe(local.momento.apiKeysEndpoint);

  const elsewhere = await start({ MOMENTO_API_KEYS_ENDPOINT: 'https://keys.example.com' });
  expect(await elsewhere.lambda.invoke({})).toMatchObject({ MOMENTO_API_KEYS_ENDPOINT: 'https://keys.example.com' });
});

test('the function is told how to revoke on schedule where that is asked for, and is what a schedule of its own invokes', async () => {
  const source = `
    export const handler = async (event, { invokedFunctionArn }) => {
      if (event.fail) throw new Error('told to fail');
      return { arn: invokedFunctionArn, ...process.env };
    };`;
  const taskRoot = await folderForTest({ 'index.mjs': source });
  const standIns = await startStandIns({
    lambda: { taskRoot },
    revocation: { overlapSeconds: 5 },
    scheduler: { functionRetryDelaysMs: [0, 0] },
  });
  onTestFinished(() => standIns.close());
  const { lambda, scheduler } = standIns;
  const told = (await lambda.invoke({})) as Record<string, string>;
  expect(told).toMatchObject({ arn: lambda.functionArn, MOMENTO_OVERLAP_SECONDS: '5' });

  const client = new SchedulerClient(scheduler.connection);
  onTestFinished(() => client.destroy());
  for (const fail of [false, true]) {
    await client.send(
      new CreateScheduleCommand({
        Name: `fail-${fail}`,
        GroupName: told['MOMENTO_REVOCATION_SCHEDULE_GROUP'],
        ScheduleExpression: 'at(2020-01-01T00:00:00)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: told['arn'], RoleArn: told['MOMENTO_REVOCATION_ROLE_ARN'], Input: JSON.stringify({ fail }) },
      }),
    );
  }
  await scheduler.runDue();
  await scheduler.deliveriesSettled();
  expect(told['MOMENTO_REVOCATION_SCHEDULE_GROUP']).toBe(SCHEDULE_GROUP);
  expect(scheduler.deliveries.all).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'failed', attempts: 3 }]);
  expect(scheduler.deliveries.deadLetters).toMatchObject([
    { from: 'function', queueArn: told['MOMENTO_REVOCATION_DEAD_LETTER_ARN'] },
  ]);
});
