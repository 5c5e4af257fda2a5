import { type CreateScheduleInput, Scheduler } from '@aws-sdk/client-scheduler';
import { onTestFinished } from 'vitest';
import { type LocalSchedulerOptions, startScheduler } from '../../../src/local/scheduler/index.ts';

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotation';
export const QUEUE_ARN = 'arn:aws:sqs:us-east-1:123456789012:dead-letters';

/** A server and an SDK client that tries each call once. Both end with the test. */
export async function startLocal(options: LocalSchedulerOptions = {}) {
  const server = await startScheduler({ functionRetryDelaysMs: [0, 0], ...options });
  const client = new Scheduler({ ...server.connection, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  return { server, client };
}

/** A one-time schedule that is due at that time. */
export function oneTime(at: Date, rest: Partial<CreateScheduleInput> = {}): CreateScheduleInput {
  return {
    Name: 'revoke',
    ScheduleExpression: `at(${at.toISOString().slice(0, 19)})`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    ...rest,
    Target: {
      Arn: FUNCTION_ARN,
      RoleArn: 'arn:aws:iam::123456789012:role/scheduler',
      Input: '{"RevokeRetiredKeys":"a/secret"}',
      ...rest.Target,
    },
  };
}
