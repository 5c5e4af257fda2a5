import { Duration, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Construct, IDependable } from 'constructs';
import { createSchedulerRole } from './scheduler-role.ts';
import type { RotatedSecret } from './secrets.ts';

/**
 * Who runs the daily checks: EventBridge Scheduler, through a role that may invoke the function and do nothing else, and
 * that only schedules of one group may use. So the function's resource policy, which has little room, stays with Secrets
 * Manager.
 *
 * A schedule for each secret. Unlike a rule with a list there is no size to outgrow; a secret that cannot be checked keeps
 * no other from it; and a schedule with a rate runs first when it is created, so that a secret that is added has figures
 * before its alarms judge.
 */
export interface Checker {
  readonly lambda: IFunction;
  readonly group: CfnScheduleGroup;
  readonly role: Role;
  readonly policy: Policy;
}

export function createChecker(scope: Construct, lambda: IFunction): Checker {
  const group = new CfnScheduleGroup(scope, 'CheckGroup');
  const role = createSchedulerRole(scope, 'CheckRole', group, 'Invokes the daily check of Momento API keys.');
  const policy = new Policy(scope, 'CheckPolicy', {
    roles: [role],
    statements: [
      new PolicyStatement({ sid: 'Check', actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }),
    ],
  });
  return { lambda, group, role, policy };
}

/** How far apart the checks of secrets that were deployed together come to lie. */
const WITHIN = Duration.minutes(15);

/**
 * Checks one secret, soon and every day.
 *
 * @param after what the check is of no use without
 */
export function checkDaily(
  scope: Construct,
  checker: Checker,
  { secretId, name }: RotatedSecret,
  after: IDependable,
): CfnSchedule {
  const schedule = new CfnSchedule(scope, 'Check', {
    description: `Checks the Momento API key in ${name}.`.slice(0, 512),
    groupName: checker.group.ref,
    scheduleExpression: 'rate(1 day)',
    // Or all of a deployment's secrets would be checked in the same minute of each day.
    flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: WITHIN.toMinutes() },
    target: {
      arn: checker.lambda.functionArn,
      roleArn: checker.role.roleArn,
      input: Stack.of(scope).toJsonString({ CheckSecrets: [secretId] }),
    },
  });
  schedule.node.addDependency(checker.policy, after);
  return schedule;
}
