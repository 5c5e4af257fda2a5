import { CfnResource } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { emptyStack } from './synth.ts';

function synthTopic(properties: Record<string, unknown>): void {
  const stack = emptyStack();
  new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic', properties });
  Template.fromStack(stack);
}

test('a template that breaks a rule of CloudFormation does not synthesize, as often as it is tried', () => {
  const good = { TopicName: 'name' };
  synthTopic(good);
  for (const _ of ['first', 'again']) expect(() => synthTopic({ ...good, Nonsense: 1 })).toThrow('Nonsense');
  synthTopic(good);
});
