import { Aws, Duration, NestedStack, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import type { V2KeysProps } from '../../infra/index.ts';
import { MOST_STATEMENTS } from '../../infra/invocation.ts';
import { mostWatched } from '../../infra/watch.ts';
import { manyNames, named, type Resource, resources, statements, synth, text } from './synth.ts';

// The longest of what CloudFormation fills in.
const FILLED: Record<string, string> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'us-gov-west-1',
  'AWS::AccountId': '123456789012',
};
/** How long a document is when it is deployed, without white space. */
function deployedLength(document: unknown): number {
  const filled = JSON.stringify(document, (_, value: unknown) => {
    const isReference =
      typeof value === 'object' && value !== null && ('Ref' in value || 'Fn::Join' in value || 'Fn::GetAtt' in value);
    if (!isReference) return value;
    return text(value).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => FILLED[name] ?? 'x'.repeat(140));
  });
  return filled.length;
}
const documents = (template: Template, type: string): unknown[] =>
  Object.entries(resources(template, type))
    .filter(([id]) => /(Secrets|Run|Manual|AdminSecret|ScheduleRevocation)/.test(id))
    .map(([, { Properties }]) => Properties['PolicyDocument']);
const everything = (scope: Construct, dashboard: boolean) => ({
  manualRotation: true,
  tracing: true,
  dashboard,
  alarmTopic: new Topic(scope, 'Topic'),
});
const longestName = 'x'.repeat(512);
const everythingOfV2 = (scope: Construct): V2KeysProps => ({
  adminSecret: Secret.fromSecretAttributes(scope, 'Admin', {
    secretPartialArn: `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${longestName}`,
    encryptionKey: Key.fromKeyArn(
      scope,
      'AdminKey',
      `arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-${'0'.repeat(32)}`,
    ),
  }),
  roleId: 'role',
  keyLifetime: Duration.days(90),
  overlap: Duration.hours(2),
  revokeOnSchedule: true,
});
const nestedOf = (stack: Stack): Stack[] =>
  stack.node.findAll().filter((node): node is NestedStack => node instanceof NestedStack);

const variants = [false, true].flatMap((v2Keys) => {
  const { inOwnStack } = mostWatched(v2Keys);
  const counts = [1, 2, MOST_STATEMENTS, MOST_STATEMENTS + 1, inOwnStack, inOwnStack + 1, 250, 400];
  return counts.map((count) => ({
    count,
    v2Keys,
    // A row for each secret in five widgets is half of the largest template, which has no room for anything else then.
    withDashboard: !(v2Keys && count === 400),
    title: `${count} secrets${v2Keys ? ' of v2 keys' : ''}`,
  }));
});

describe.each(variants)('$title', ({ count, v2Keys, withDashboard }) => {
  const { stack, template } = synth((scope) => ({
    ...everything(scope, withDashboard),
    secrets: named(scope, manyNames(count)),
    ...(v2Keys && { v2Keys: everythingOfV2(scope) }),
  }));
  const templates = [template, ...nestedOf(stack).map((nested) => Template.fromStack(nested))];

  test('fit into stacks of at most 500 resources, 200 parameters and 1 MB', () => {
    for (const each of templates) {
      expect(Object.keys(resources(each)).length).toBeLessThanOrEqual(500);
      expect(Object.keys(each.toJSON()['Parameters'] ?? {}).length).toBeLessThanOrEqual(200);
      expect(JSON.stringify(each.toJSON()).length).toBeLessThan(1_000_000);
    }
  });

  test(`each have a schedule, a check and ${v2Keys ? 'three' : 'two'} alarms`, () => {
    const ofType = (type: string) => templates.flatMap((each) => Object.values(resources(each, type)));
    expect(ofType('AWS::SecretsManager::RotationSchedule')).toHaveLength(count);
    expect(ofType('AWS::Scheduler::Schedule')).toHaveLength(count);
    expect(ofType('AWS::CloudWatch::Alarm')).toHaveLength(v2Keys ? 3 * count + 2 : 2 * count + 1);
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test("fit into the role's policies", () => {
    const inline = documents(template, 'AWS::IAM::Policy').map(deployedLength);
    expect(inline.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(10_240);
    const managed = documents(template, 'AWS::IAM::ManagedPolicy');
    expect(managed.length).toBeLessThanOrEqual(10);
    for (const document of managed) expect(deployedLength(document)).toBeLessThanOrEqual(6_144);
    const allowed = [...documents(template, 'AWS::IAM::Policy'), ...managed].flatMap((PolicyDocument) =>
      statements({ Properties: { PolicyDocument } } as unknown as Resource),
    );
    const secretArns = allowed.filter(({ Sid }) => Sid === 'RotateSecrets').flatMap(({ Resource }) => Resource);
    expect(new Set(secretArns.map(text)).size).toBe(count);
  });

  test("fit into the function's resource policy: a statement each, or the account alone", () => {
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties,
    );
    expect(permissions).toHaveLength(count <= MOST_STATEMENTS ? count : 1);
    for (const permission of permissions) {
      expect(permission['SourceAccount']).toEqual({ Ref: 'AWS::AccountId' });
      expect('SourceArn' in permission).toBe(count <= MOST_STATEMENTS);
    }
  });

  test("fit into the patterns of the rules for Secrets Manager's events", () => {
    const rules = Object.values(resources(template, 'AWS::Events::Rule'));
    const patterns = rules.map(({ Properties }) => Properties['EventPattern']);
    for (const pattern of patterns) expect(deployedLength(pattern)).toBeLessThanOrEqual(2_048);
    const prefixes = patterns.flatMap((pattern) => JSON.stringify(pattern).match(/"prefix"/g) ?? []);
    expect(prefixes).toHaveLength(count);
  });

  if (withDashboard)
    test("fit into the dashboard's widgets and body", () => {
      const [dashboard] = Object.values(resources(template, 'AWS::CloudWatch::Dashboard'));
      const { widgets } = JSON.parse(text(dashboard?.Properties['DashboardBody'])) as {
        widgets: { properties: { metrics?: unknown[]; alarms?: unknown[] } }[];
      };
      const metrics = widgets.map(({ properties }) => properties.metrics?.length ?? 0);
      for (const length of metrics) expect(length).toBeLessThanOrEqual(500);
      expect(metrics.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(2_500);
      for (const { properties } of widgets) expect(properties.alarms?.length ?? 0).toBeLessThanOrEqual(100);
    });
});

test(`the longest names fit ${MOST_STATEMENTS} statements into the resource policy, of 20,480 characters`, () => {
  const statement = {
    Sid: 'x'.repeat(255),
    Effect: 'Allow',
    Principal: { Service: 'secretsmanager.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: `arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:${'x'.repeat(64)}`,
    Condition: {
      StringEquals: { 'AWS:SourceAccount': '123456789012' },
      ArnLike: {
        'AWS:SourceArn': `arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:${'x'.repeat(512)}-??????`,
      },
    },
  };
  expect(JSON.stringify(statement).length * MOST_STATEMENTS).toBeLessThan(20_480);
});

test('secrets that are named by CloudFormation count with the longest name they could have', () => {
  const owned = (count: number) => (scope: Construct) => ({
    secrets: Array.from({ length: count }, (_, index) => new Secret(scope, `Secret${index}`) as ISecret),
  });
  expect(() => synth(owned(80))).not.toThrow();
  expect(() => synth(owned(120))).toThrow(
    /^120 secrets need \d+ policies, and a role takes 11\. Share them out over several MomentoKeyRotation constructs, or give them names that are shorter and known at synthesis\.$/,
  );
});

test('keys of their own count too', () => {
  const withKeys = (count: number) => (scope: Construct) => ({
    secrets: manyNames(count).map((name, index) =>
      Secret.fromSecretAttributes(scope, name, {
        secretPartialArn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`,
        encryptionKey: Key.fromKeyArn(
          scope,
          `Key${index}`,
          `arn:aws:kms:eu-west-1:123456789012:key/mrk-${String(index).padStart(32, '0')}`,
        ),
      }),
    ),
  });
  const { template } = synth(withKeys(200));
  for (const document of documents(template, 'AWS::IAM::ManagedPolicy')) {
    expect(deployedLength(document)).toBeLessThanOrEqual(6_144);
  }
  expect(() => synth(withKeys(300))).toThrow(/^300 secrets need \d+ policies/);
});

test('more secrets than a stack can hold are refused, with what to do', () => {
  expect(() => synth((scope) => ({ secrets: named(scope, manyNames(401)) }))).toThrow(
    '401 secrets do not fit into a stack, which holds 400. Share them out over several stacks, each with a MomentoKeyRotation.',
  );
});

test.each([
  ['', {}, 3],
  [' of v2 keys', { v2Keys: {} }, 4],
])('nested stacks take as many secrets%s as their resources allow', (_, props, perSecret) => {
  const { inNestedStack } = mostWatched('v2Keys' in props);
  const { stack } = synth((scope) => ({ secrets: named(scope, manyNames(2 * inNestedStack)), ...props }));
  const watches = nestedOf(stack);
  expect(watches).toHaveLength(2);
  for (const watch of watches) {
    expect(Object.keys(resources(Template.fromStack(watch)))).toHaveLength(perSecret * inNestedStack);
  }
  expect(perSecret * (inNestedStack + 1)).toBeGreaterThan(450);
});

test('what is there of a secret stays as it is when another one comes or goes', () => {
  const type = 'AWS::SecretsManager::RotationSchedule';
  const three = resources(synth((scope) => ({ secrets: named(scope, ['a', 'b', 'c']) })).template, type);
  const two = resources(synth((scope) => ({ secrets: named(scope, ['c', 'a']) })).template, type);
  for (const [id, { Properties }] of Object.entries(two)) expect(three[id]?.Properties).toEqual(Properties);
});
