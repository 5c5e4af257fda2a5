import { Aspects, Aws, Duration, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { createStack } from '../../infra/create-stack.ts';
import { MomentoKeyRotation, type MomentoKeyRotationProps } from '../../infra/index.ts';
import { emptyStack, listed, named, newApp, resources, statements, text } from './synth.ts';

const withProps = (props: (scope: Construct) => Partial<MomentoKeyRotationProps>) => () => {
  const stack = emptyStack();
  new MomentoKeyRotation(stack, 'Rotation', { secrets: named(stack, ['a', 'b']), ...props(stack) });
  return stack;
};
const withContext = (context: Record<string, string>) => () => createStack(newApp(context), {});

const vpcOf = (scope: Construct) =>
  Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: 'vpc-12345678',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: ['subnet-12345678'],
  }) as IVpc;

/** A v2 key that manages others, in a secret with a key of its own. */
const adminOf = (scope: Construct): ISecret =>
  Secret.fromSecretAttributes(scope, 'Admin', {
    secretPartialArn: `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:momento/admin`,
    encryptionKey: Key.fromKeyArn(scope, 'AdminKey', KEY_ARN),
  });
const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012';

// Each with the statements that have to name every resource, and why.
const NO_RESOURCES: Record<string, string> = {
  DescribeNetwork: "EC2's Describe actions know no resources",
  SendTraces: "X-Ray's actions know no resources",
};
/** Statements on what has no name before it is made, and how it is told apart all the same. */
const NO_NAMES: Record<string, RegExp> = {
  CreateNetworkInterfaces: /:network-interface\/\*$/,
  ManageNetworkInterfaces: /:network-interface\/\*$/,
};
const NETWORK = ['DescribeNetwork', 'CreateNetworkInterfaces', 'ManageNetworkInterfaces'];

/** With the ids of statements in which there is a `*`. */
const variants: [string, () => Stack, string[]][] = [
  ['by default', withProps(() => ({})), []],
  [
    'with all but VPC and traces',
    withProps((scope) => ({
      manualRotation: true,
      dashboard: true,
      pingCache: 'cache',
      alarmTopic: Topic.fromTopicArn(scope, 'Topic', 'arn:aws:sns:eu-west-1:123456789012:alarms'),
    })),
    [],
  ],
  ['in a VPC', withProps((scope) => ({ vpc: vpcOf(scope) })), [...NETWORK]],
  ['with traces', withProps(() => ({ tracing: true })), ['SendTraces']],
  ['in a VPC with traces', withProps((scope) => ({ vpc: vpcOf(scope), tracing: true })), [...NETWORK, 'SendTraces']],
  ['with v2 keys', withProps(() => ({ v2Keys: {} })), []],
  ['with an admin secret', withProps((scope) => ({ v2Keys: { adminSecret: adminOf(scope), roleId: 'role' } })), []],
  [
    'with several admin secrets, a role for each secret, and first keys that may be revoked',
    () => {
      const stack = emptyStack();
      const secrets = named(stack, ['a', 'b']);
      const [additional] = named(stack, ['momento/another-admin']) as [ISecret];
      new MomentoKeyRotation(stack, 'Rotation', {
        secrets,
        hosts: ['momentohq.com', 'momento.example'],
        v2Keys: {
          adminSecret: adminOf(stack),
          additionalAdminSecrets: [additional],
          roles: secrets.map((secret, index) => ({ secret, roleId: `role-${index}` })),
          revokeFirstKey: secrets.slice(1),
        },
      });
      return stack;
    },
    [],
  ],
  [
    'with all there is of v2 keys, in a VPC with traces',
    withProps((scope) => ({
      v2Keys: {
        adminSecret: adminOf(scope),
        roleId: 'role',
        keyLifetime: Duration.days(90),
        overlap: Duration.hours(2),
        revokeOnSchedule: true,
      },
      vpc: vpcOf(scope),
      tracing: true,
      manualRotation: true,
      dashboard: true,
    })),
    [...NETWORK, 'SendTraces'],
  ],
  ['the stack', withContext({ alarmEmail: 'on-call@example.com', dashboard: 'true' }), []],
  [
    'the stack with v2 keys',
    withContext({ adminSecretName: 'momento/admin', roleId: 'role', revokeOnSchedule: 'true', kmsKeyArn: KEY_ARN }),
    [],
  ],
  ['the stack of created secrets', withContext({ createSecrets: 'true' }), []],
];

describe.each(variants)('%s', (_, build, withStar) => {
  const allowed = (template: Template) =>
    Object.values(resources(template))
      .flatMap(statements)
      .filter(({ Effect }) => Effect === 'Allow');

  test('no action and no resource is *, but where an API leaves no other way', () => {
    const all = allowed(Template.fromStack(build()));
    for (const { Action } of all) expect(listed(Action).join()).not.toContain('*');
    const found = all.flatMap(({ Sid = '', Resource }) =>
      listed(Resource ?? [])
        .map(text)
        .filter((arn) => arn.includes('*'))
        .map((arn) => ({ Sid, arn })),
    );
    expect([...new Set(found.map(({ Sid }) => Sid))].sort()).toEqual([...withStar].sort());
    for (const { Sid, arn } of found) {
      if (arn === '*') expect(NO_RESOURCES[Sid]).toBeDefined();
      else expect(arn).toMatch(NO_NAMES[Sid] ?? 'no star');
    }
  });

  test('no managed policy of AWS', () => {
    expect(JSON.stringify(Template.fromStack(build()).toJSON())).not.toContain(':aws:policy/');
  });

  test('no value of a secret, no generated password, no parameter that holds one', () => {
    const template = Template.fromStack(build());
    const json = JSON.stringify(template.toJSON());
    expect(json).not.toMatch(/"(SecretString|GenerateSecretString)"/);
    expect(json).not.toContain('{{resolve:');
    expect(Object.keys(template.toJSON()['Parameters'] ?? {})).toEqual(['BootstrapVersion']);
  });

  test("passes cdk-nag's AWS Solutions checks, with a reason for each suppression", () => {
    const stack = build();
    Aspects.of(stack).add(new AwsSolutionsChecks({ verbose: true }));
    const found = [
      ...Annotations.fromStack(stack).findError('*', Match.stringLikeRegexp('AwsSolutions-.*')),
      ...Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('AwsSolutions-.*|CdkNag.*')),
    ];
    expect(found.map(({ entry }) => entry.data)).toEqual([]);
    for (const resource of Object.values(resources(Template.fromStack(stack)))) {
      const nag = resource.Metadata?.['cdk_nag'] as { rules_to_suppress: { reason: string }[] } | undefined;
      for (const { reason } of nag?.rules_to_suppress ?? []) expect(reason.length).toBeGreaterThan(20);
    }
  });
});

test('cdk-nag looks: without the explanations it finds what they are about', () => {
  const stack = withProps((scope) => ({ vpc: vpcOf(scope), tracing: true }))();
  for (const node of stack.node.findAll()) {
    if ('cfnOptions' in node) delete (node.cfnOptions as { metadata?: Record<string, unknown> }).metadata?.['cdk_nag'];
  }
  Aspects.of(stack).add(new AwsSolutionsChecks());
  const errors = Annotations.fromStack(stack).findError('*', Match.stringLikeRegexp('AwsSolutions-IAM5.*'));
  expect(errors.length).toBeGreaterThanOrEqual(2);
});
