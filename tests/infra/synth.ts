import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { afterAll } from 'vitest';
import { MomentoKeyRotation, type MomentoKeyRotationProps } from '../../infra/index.ts';
import { createValidator } from './validator.ts';

/** Where templates are written to, until the test file that uses this is done. */
const outdir = mkdtempSync(join(tmpdir(), 'synth-'));
const validator = createValidator(outdir);
afterAll(() => rmSync(outdir, { recursive: true }));

interface Synthesized {
  stack: Stack;
  rotation: MomentoKeyRotation;
  template: Template;
}

/** A stack with the construct and nothing else; by default with one secret, imported by name. */
export function synth(
  props: (scope: Construct) => Partial<MomentoKeyRotationProps> = () => ({}),
  stackProps: StackProps = {},
): Synthesized {
  const stack = emptyStack(stackProps);
  const rotation = new MomentoKeyRotation(stack, 'Rotation', {
    secrets: named(stack, ['momento/key']),
    ...props(stack),
  });
  return { stack, rotation, template: Template.fromStack(stack) };
}

export function emptyStack(stackProps: StackProps = {}): Stack {
  return new Stack(newApp(), 'Stack', stackProps);
}

export function newApp(context: Record<string, unknown> = {}): App {
  const app = new App({
    outdir,
    // By a validator of the tests'.
    builtinCloudFormationValidation: false,
    // Nobody reads where constructs come from: without it a third less is written.
    treeMetadata: false,
    context: {
      // The bundle stays where it is, and the template says where that is.
      'aws:cdk:disable-asset-staging': true,
      'aws:cdk:enable-asset-metadata': true,
      // As the CDK's command has it.
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:disable-stack-trace': true,
      ...context,
    },
  });
  Validations.of(app).addPlugins(validator);
  return app;
}

export function named(scope: Construct, names: readonly string[]): ISecret[] {
  return names.map((name) => Secret.fromSecretNameV2(scope, `Secret-${name}`, name));
}

export function manyNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `momento/team-${index}/authentication-token`);
}

export interface Resource {
  Type: string;
  /** Added where a resource has none. */
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  Metadata?: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

/** All resources by their logical id, also of one type. */
export function resources(template: Template, type?: string): Record<string, Resource> {
  const all: Record<string, Omit<Resource, 'Properties'>> = template.toJSON()['Resources'] ?? {};
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, resource]) => type === undefined || resource.Type === type)
      .map(([id, resource]) => [id, { Properties: {}, ...resource }]),
  );
}

/** The one there is, with its logical id. */
export function only(found: Record<string, Resource>): [string, Resource] {
  const [entry, ...others] = Object.entries(found);
  if (entry === undefined || others.length > 0) throw new Error(`${others.length + 1} resources, not one`);
  return entry;
}

/** All that has to be there before a resource is made, whether it says so or refers to it. */
export function waitedForBy(template: Template, id: string): Set<string> {
  const all = resources(template);
  const found = new Set<string>();
  const visit = (of: string): void => {
    const own = JSON.stringify(all[of]);
    for (const other of Object.keys(all)) {
      if (found.has(other) || other === of) continue;
      if (own.includes(`"${other}"`)) {
        found.add(other);
        visit(other);
      }
    }
  };
  visit(id);
  return found;
}

export interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

/** What a policy, trust or topic document holds. */
export function statements(resource: Resource): Statement[] {
  const document = resource.Properties['PolicyDocument'] ?? resource.Properties['AssumeRolePolicyDocument'];
  return (document as { Statement: Statement[] } | undefined)?.Statement ?? [];
}

/** The statements of policies whose logical id contains a name. */
export function policy(template: Template, name: string): Statement[] {
  return Object.entries({
    ...resources(template, 'AWS::IAM::Policy'),
    ...resources(template, 'AWS::IAM::ManagedPolicy'),
  })
    .filter(([id]) => id.includes(name))
    .flatMap(([, resource]) => statements(resource));
}

/** How the ARN of a secret in the stack's own place begins, as `text` writes it. */
export const ARN_START = `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:`;

export function listed<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}

/** A value of a template as text, with `${Name}` for what CloudFormation fills in. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref') return `\${${argument}}`;
  if (name === 'Fn::GetAtt') return `\${${(argument as string[]).join('.')}}`;
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(text).join(separator);
  }
  return JSON.stringify(value);
}
