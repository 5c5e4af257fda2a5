import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IDependable } from 'constructs';
import type { RotationFunction } from './function.ts';
import { explainFinding } from './nag.ts';
import { createSchedulerRole } from './scheduler-role.ts';

/**
 * Lambda's own defaults, and the most that it allows: a revocation that comes late is better than none (developer guide,
 * "How Lambda handles errors and retries with asynchronous invocation").
 */
const RETRIES = 2;
const LONGEST_WAIT = Duration.hours(6);

/** The longest that SQS keeps a message. */
const RETENTION = Duration.days(14);

/** What revokes superseded keys once their overlap is over. */
export interface ScheduledRevocation {
  /** Holds what could not be delivered to the function, and what the function did not do. */
  readonly deadLetterQueue: Queue;
  /** What the function cannot do all of its work without. */
  readonly ready: IDependable[];
}

/**
 * Lets the function create one-time schedules in a group of their own, which invoke it again by a role of their own. The
 * function is told of the group, the role and the queue, so these know nothing of the function; what the role may do is in
 * a policy, which knows both.
 */
export function scheduleRevocation(scope: Construct, { lambda, role }: RotationFunction): ScheduledRevocation {
  const group = new CfnScheduleGroup(scope, 'RevocationGroup');
  const invoker = createSchedulerRole(scope, 'RevocationRole', group, 'Invokes the revocation of Momento API keys.');
  const deadLetterQueue = createDeadLetterQueue(scope);

  const sendDeadLetters = (sid: string) =>
    new PolicyStatement({ sid, actions: ['sqs:SendMessage'], resources: [deadLetterQueue.queueArn] });
  const invoking = new Policy(scope, 'RevocationPolicy', {
    roles: [invoker],
    statements: [
      new PolicyStatement({ sid: 'Revoke', actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }),
      sendDeadLetters('KeepUndelivered'),
    ],
  });
  const scheduling = new Policy(scope, 'ScheduleRevocationPolicy', {
    roles: [role],
    statements: [
      new PolicyStatement({
        sid: 'ScheduleRevocation',
        actions: ['scheduler:CreateSchedule'],
        resources: [schedulesOf(group)],
      }),
      new PolicyStatement({
        sid: 'PassRevocationRole',
        actions: ['iam:PassRole'],
        resources: [invoker.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
      sendDeadLetters('KeepFailed'),
    ],
  });
  explainFinding(
    scheduling,
    'AwsSolutions-IAM5',
    [{ regex: '/^Resource::arn:<AWS::Partition>:scheduler:.*:schedule/<[^<>]*>/\\*$/' }],
    'A schedule is named by the secret and the time that it is for. The group holds nothing else.',
  );

  // On a running function's next deployment: its rights come before it is told to use them.
  lambda.node.defaultChild?.node.addDependency(scheduling);
  lambda.addEnvironment('MOMENTO_REVOCATION_SCHEDULE_GROUP', group.ref);
  lambda.addEnvironment('MOMENTO_REVOCATION_ROLE_ARN', invoker.roleArn);
  lambda.addEnvironment('MOMENTO_REVOCATION_DEAD_LETTER_ARN', deadLetterQueue.queueArn);

  const invocation = new EventInvokeConfig(scope, 'AsynchronousInvocation', {
    function: lambda,
    retryAttempts: RETRIES,
    maxEventAge: LONGEST_WAIT,
    // The L2's own destination grants the role what cannot be named, and more than it needs.
    onFailure: { bind: () => ({ destination: deadLetterQueue.queueArn }) },
  });
  // Lambda refuses a destination that the function's role may not send to.
  invocation.node.addDependency(scheduling);
  return { deadLetterQueue, ready: [invoking, scheduling, invocation] };
}

function createDeadLetterQueue(scope: Construct): Queue {
  const queue = new Queue(scope, 'RevocationDeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: RETENTION,
  });
  explainFinding(
    queue,
    'AwsSolutions-SQS3',
    [],
    'It is a dead-letter queue itself, of schedules and of the asynchronous invocations of a function.',
  );
  return queue;
}

function schedulesOf(group: CfnScheduleGroup): string {
  return Stack.of(group).formatArn({
    service: 'scheduler',
    resource: 'schedule',
    resourceName: `${group.ref}/*`,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
