import { createHash } from 'node:crypto';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { callAws } from './aws-call.ts';
import { RotationError } from './errors.ts';
import type { RevocationSchedule } from './revocation-schedule.ts';

/** What one-time schedules are made with. */
export interface SchedulerSettings {
  /** Name of the schedule group that they belong to. */
  group: string;
  /** The role that EventBridge Scheduler takes to invoke the function. */
  roleArn: string;
  /** The SQS queue for what could not be delivered. */
  deadLetterArn: string;
}

/** EventBridge Scheduler goes on trying to deliver for a day. */
const RETRY_POLICY = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

/**
 * One-time schedules of EventBridge Scheduler (API reference, `CreateSchedule`), each of which invokes the function once and
 * is then deleted. Lambda takes such an event into its queue, and tries again by itself if the function throws.
 */
export function eventBridgeScheduler(
  { group, roleArn, deadLetterArn }: SchedulerSettings,
  functionArn: string,
): RevocationSchedule {
  return {
    async runAt(secretId, at, timeoutMs) {
      const second = new Date(Math.ceil(at.getTime() / 1000) * 1000).toISOString().slice(0, 19);
      const name = nameOf(secretId, second);
      const command = new CreateScheduleCommand({
        Name: name,
        ClientToken: name,
        GroupName: group,
        Description: `Revokes retired keys of ${secretId}`.slice(0, 512),
        ScheduleExpression: `at(${second})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: functionArn,
          RoleArn: roleArn,
          Input: JSON.stringify({ RevokeRetiredKeys: secretId }),
          RetryPolicy: RETRY_POLICY,
          DeadLetterConfig: { Arn: deadLetterArn },
        },
      });
      await callAws(
        timeoutMs,
        (options) => sharedClient().send(command, options),
        ({ code, isTransient }) => new ScheduleError(code, isTransient),
      ).catch((error: ScheduleError) => {
        if (error.code !== 'ConflictException') throw error;
      });
    },
  };
}

class ScheduleError extends RotationError {
  readonly code: string;

  // The service's own words may quote the request, and with it what is configured.
  constructor(code: string, isTransient: boolean) {
    super(
      isTransient ? 'transient' : 'operator',
      isTransient
        ? `EventBridge Scheduler did not answer CreateSchedule (${code}).`
        : `EventBridge Scheduler refused CreateSchedule: ${code}. Check MOMENTO_REVOCATION_SCHEDULE_GROUP, MOMENTO_REVOCATION_ROLE_ARN and MOMENTO_REVOCATION_DEAD_LETTER_ARN, and that the function's role may make schedules and pass that role.`,
    );
    this.code = code;
  }
}

let client: SchedulerClient | undefined;

/** Made when it is first needed: most functions never do. */
function sharedClient(): SchedulerClient {
  client ??= new SchedulerClient({ maxAttempts: 1 });
  return client;
}

/** At most 64 letters, digits, `-` and `_`. */
function nameOf(secretId: string, second: string): string {
  return `revoke-${createHash('sha256').update(`${secretId} ${second}`).digest('base64url')}`;
}
