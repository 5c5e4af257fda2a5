import { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Tells cfn-lint which of its rules a resource is not to be held against, as metadata of the resource, the way that cfn-lint
 * reads it.
 *
 * @param rules `E3002` and the like: why, the place that calls this says
 */
export function exemptFromLint(construct: IConstruct, ...rules: string[]): void {
  const resource = construct instanceof CfnResource ? construct : construct.node.defaultChild;
  if (!(resource instanceof CfnResource)) throw new Error(`${construct.node.path} is not a resource.`);
  resource.addMetadata('cfn-lint', { config: { ignore_checks: rules } });
}
