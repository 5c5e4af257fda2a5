import { CreateScheduleCommand, SchedulerClient, SchedulerServiceException } from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventBridgeScheduler } from '../../src/rotation/event-bridge-scheduler.ts';

const client = mockClient(SchedulerClient);
const settings = {
  group: 'revocations',
  roleArn: 'arn:aws:iam::123456789012:role/revocation',
  deadLetterArn: 'arn:aws:sqs:us-east-1:123456789012:dead-letters',
};
const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:rotation';
const secretId = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:momento/payments-AbCdEf';
const schedule = eventBridgeScheduler(settings, functionArn);
const at = new Date('2030-01-01T00:00:00.001Z');

beforeEach(() => {
  client.reset();
});

const requested = () => client.commandCalls(CreateScheduleCommand).map(({ args }) => args[0].input);
const refusal = (name: string, httpStatusCode = 400) =>
  new SchedulerServiceException({ name, message: `${name}!`, $fault: 'client', $metadata: { httpStatusCode } });

test('a run is a schedule that invokes the function once, and is then deleted', async () => {
  client.on(CreateScheduleCommand).resolves({});
  await schedule.runAt(secretId, at, 1000);

  expect(requested()).toEqual([
    {
      Name: expect.stringMatching(/^revoke-[\w-]{43}$/),
      ClientToken: expect.stringMatching(/^revoke-[\w-]{43}$/),
      GroupName: 'revocations',
      Description: `Revokes retired keys of ${secretId}`,
      ScheduleExpression: 'at(2030-01-01T00:00:01)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: functionArn,
        RoleArn: settings.roleArn,
        Input: JSON.stringify({ RevokeRetiredKeys: secretId }),
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: settings.deadLetterArn },
      },
    },
  ]);
});

test('runs of the same second have the same name, others have others', async () => {
  client.on(CreateScheduleCommand).resolves({});
  await schedule.runAt(secretId, at, 1000);
  await schedule.runAt(secretId, new Date(at.getTime() + 999), 1000);
  await schedule.runAt(secretId, new Date(at.getTime() + 1000), 1000);
  await schedule.runAt(`${secretId}2`, at, 1000);
  const [first, again, later, other] = requested().map(({ Name }) => Name);
  expect(again).toBe(first);
  expect(new Set([first, later, other]).size).toBe(3);
});

test('a run that was asked for before is there', async () => {
  client.on(CreateScheduleCommand).rejects(refusal('ConflictException'));
  await expect(schedule.runAt(secretId, at, 1000)).resolves.toBeUndefined();
});

describe('an error', () => {
  test.each([
    [
      'ResourceNotFoundException',
      404,
      'operator',
      'refused CreateSchedule: ResourceNotFoundException. Check MOMENTO_REV',
    ],
    ['AccessDeniedException', 403, 'operator', 'refused CreateSchedule: AccessDeniedException. Check MOMENTO_REV'],
    ['ThrottlingException', 429, 'transient', 'did not answer CreateSchedule (ThrottlingException)'],
    ['InternalServerException', 500, 'transient', 'did not answer CreateSchedule (InternalServerException)'],
  ])('%s is one', async (name, status, failure, message) => {
    client.on(CreateScheduleCommand).rejects(refusal(name, status));
    await expect(schedule.runAt(secretId, at, 1000)).rejects.toMatchObject({
      failure,
      message: expect.stringContaining(`EventBridge Scheduler ${message}`),
    });
  });

  test('no answer is one that may pass', async () => {
    client.on(CreateScheduleCommand).rejects(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    await expect(schedule.runAt(secretId, at, 1000)).rejects.toMatchObject({
      failure: 'transient',
      message: 'EventBridge Scheduler did not answer CreateSchedule (ECONNREFUSED).',
    });
  });
});
