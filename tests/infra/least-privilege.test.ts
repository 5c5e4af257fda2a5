import { Aspects, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
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

// Each with the statements that have to name every resource, and why.
const NO_RESOURCES: Record<string, string> = {
  DescribeNetwork: "EC2's Describe actions know no resources",
  SendTraces: "X-Ray's actions know no resources",
};
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
  ['in a VPC', withProps((scope) => ({ vpc: vpcOf(scope) })), ['DescribeNetwork']],
  ['with traces', withProps(() => ({ tracing: true })), ['SendTraces']],
  [
    'in a VPC with traces',
    withProps((scope) => ({ vpc: vpcOf(scope), tracing: true })),
    ['DescribeNetwork', 'SendTraces'],
  ],
  ['the stack', withContext({ alarmEmail: 'on-call@example.com', dashboard: 'true' }), []],
  ['the stack of created secrets', withContext({ createSecrets: 'true' }), []],
];

describe.each(variants)('%s', (_, build, everyResource) => {
  const allowed = (template: Template) =>
    Object.values(resources(template))
      .flatMap(statements)
      .filter(({ Effect }) => Effect === 'Allow');

  test('no action and no resource is *, but where an API leaves no other way', () => {
    const all = allowed(Template.fromStack(build()));
    for (const { Action } of all) expect(listed(Action).join()).not.toContain('*');
    const open = all.filter(({ Resource }) => listed(Resource).map(text).includes('*'));
    expect(open.map(({ Sid }) => Sid)).toEqual(everyResource);
    for (const { Sid } of open) expect(NO_RESOURCES[Sid ?? '']).toBeDefined();
    // Network interfaces get their ids when they are made.
    const wild = all
      .flatMap(({ Resource }) => listed(Resource ?? []).map(text))
      .filter((arn) => arn !== '*' && arn.includes('*'));
    for (const arn of wild) expect(arn).toMatch(/:network-interface\/\*$/);
    expect(wild.length > 0).toBe(everyResource.includes('DescribeNetwork'));
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
