import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';

/**
 * A role for what the schedules of one group do, which no other schedule may use (EventBridge Scheduler user guide,
 * "Confused deputy prevention"). Its policy is apart from it: what has to know the role alone need not wait for what the
 * role may do.
 */
export function createSchedulerRole(scope: Construct, id: string, group: CfnScheduleGroup, description: string): Role {
  return new Role(scope, id, {
    description,
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account, 'aws:SourceArn': group.attrArn } },
    }),
  });
}
