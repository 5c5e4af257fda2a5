import { type Duration, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Construct, IDependable } from 'constructs';

/**
 * What EventBridge Scheduler needs to invoke the function: a group of its own for the schedules, and a role that may invoke
 * the function and do nothing else, and that only schedules of this group may use. So the function's resource policy, which
 * has little room, stays with Secrets Manager.
 *
 * Unlike a rule with a list, a schedule has no size to outgrow; and one with a rate runs first when it is created, so that a
 * secret that is added has figures before its alarms judge.
 */
export interface Scheduler {
  readonly lambda: IFunction;
  readonly group: CfnScheduleGroup;
  readonly role: Role;
  readonly policy: Policy;
}

/**
 * Its ids are from when there were only checks: with others, deployments would replace the group and all that is in it.
 *
 * @param revokes whether its schedules revoke keys as well, and do not only check
 */
export function createScheduler(scope: Construct, lambda: IFunction, revokes: boolean): Scheduler {
  const group = new CfnScheduleGroup(scope, 'CheckGroup');
  const role = new Role(scope, 'CheckRole', {
    description: `Invokes the daily check${revokes ? ' and the revocation' : ''} of Momento API keys.`,
    // No other schedule may use it (EventBridge Scheduler user guide, "Confused deputy prevention").
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account, 'aws:SourceArn': group.attrArn } },
    }),
  });
  const policy = new Policy(scope, 'CheckPolicy', {
    roles: [role],
    statements: [
      new PolicyStatement({ sid: 'Check', actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }),
    ],
  });
  return { lambda, group, role, policy };
}

interface InvocationProps {
  readonly description: string;
  readonly every: Duration;
  readonly flexibleTimeWindow: CfnSchedule.FlexibleTimeWindowProperty;
  readonly retryPolicy?: CfnSchedule.RetryPolicyProperty;
  readonly event: object;
  /** What the invocation is of no use without. */
  readonly after: readonly IDependable[];
}

/** Has the function invoked, soon and then again and again. */
export function invokeEvery(
  scope: Construct,
  id: string,
  { lambda, group, role, policy }: Scheduler,
  { description, every, flexibleTimeWindow, retryPolicy, event, after }: InvocationProps,
): CfnSchedule {
  const schedule = new CfnSchedule(scope, id, {
    description,
    groupName: group.ref,
    scheduleExpression: ScheduleExpression.rate(every).expressionString,
    flexibleTimeWindow,
    target: {
      arn: lambda.functionArn,
      roleArn: role.roleArn,
      input: Stack.of(scope).toJsonString(event),
      ...(retryPolicy && { retryPolicy }),
    },
  });
  schedule.node.addDependency(policy, ...after);
  return schedule;
}
