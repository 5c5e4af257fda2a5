import { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Tells cdk-nag, in a consumer's app too, why a finding stands. It is written as metadata of the resource, the way that
 * cdk-nag reads it, so that nobody needs cdk-nag to use the construct.
 *
 * @param findings what the rule found, as it words it. None: whatever it finds
 */
export function explainFinding(construct: IConstruct, rule: string, findings: string[], reason: string): void {
  const resource = construct instanceof CfnResource ? construct : construct.node.defaultChild;
  if (!(resource instanceof CfnResource)) throw new Error(`${construct.node.path} is not a resource.`);
  const known: { rules_to_suppress?: object[] } = resource.getMetadata('cdk_nag') ?? {};
  const suppression = { id: rule, reason, ...(findings.length === 0 ? {} : { applies_to: findings }) };
  resource.addMetadata('cdk_nag', { rules_to_suppress: [...(known.rules_to_suppress ?? []), suppression] });
}
