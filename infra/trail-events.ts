import { Stack } from 'aws-cdk-lib';
import { EventField, type IRuleTarget, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { inGroups } from './groups.ts';
import type { RotatedSecret } from './secrets.ts';

/** Secrets Manager's own verdicts (user guide, "CloudTrail entries for Secrets Manager"). */
const EVENT_NAMES = ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'];

/** Characters of ARNs in a rule's pattern, of which EventBridge allows 2,048 ("EventBridge quotas"). */
const PATTERN_ARN_BUDGET = 1_700;

/** `{"prefix":""},` */
const AROUND_ARN = 15;

/**
 * Tells the topic what Secrets Manager says of these secrets' rotations. It says so through CloudTrail, so only in an
 * account with a trail that logs management events.
 *
 * A rule publishes with a role of its own: the topic's policy stays as it is, and need not let EventBridge in.
 */
export function forwardTrailEvents(scope: Construct, secrets: readonly RotatedSecret[], topic: ITopic): void {
  const role = new Role(scope, 'TrailEventsRole', {
    description: "Publishes Secrets Manager's rotation failures.",
    assumedBy: new ServicePrincipal('events.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  });
  const policy = new Policy(scope, 'TrailEventsPolicy', {
    roles: [role],
    statements: [
      new PolicyStatement({ sid: 'Publish', actions: ['sns:Publish'], resources: [topic.topicArn] }),
      // What publishing to an encrypted topic takes (SNS developer guide, "Managing Amazon SNS encryption keys and costs").
      ...(topic.masterKey === undefined
        ? []
        : [
            new PolicyStatement({
              sid: 'Encrypt',
              actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
              resources: [topic.masterKey.keyArn],
            }),
          ]),
    ],
  });
  const target: IRuleTarget = {
    bind: () => ({
      arn: topic.topicArn,
      role,
      input: RuleTargetInput.fromText(
        `Secrets Manager: ${EventField.fromPath('$.detail.eventName')} for ${EventField.fromPath('$.detail.additionalEventData.SecretId')} at ${EventField.time}. The current key stays. The log of the rotation function says why.`,
      ),
    }),
  };
  inGroups(secrets, PATTERN_ARN_BUDGET, ({ arnLength }) => arnLength + AROUND_ARN).forEach((group, index) => {
    const rule = new Rule(scope, index === 0 ? 'TrailEvents' : `TrailEvents${index + 1}`, {
      description: 'Rotations of Momento API keys that Secrets Manager reports as failed or abandoned.',
      eventPattern: {
        source: ['aws.secretsmanager'],
        detailType: ['AWS Service Event via CloudTrail'],
        detail: {
          eventName: EVENT_NAMES,
          additionalEventData: { SecretId: group.map(({ arnPrefix }) => ({ prefix: arnPrefix })) },
        },
      },
      targets: [target],
    });
    rule.node.addDependency(policy);
  });
}
