import { Stack } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction, Permission } from 'aws-cdk-lib/aws-lambda';
import { Construct, type IDependable } from 'constructs';
import type { RotatedSecret } from './secrets.ts';

/**
 * How many secrets may have a statement of their own in the function's resource policy, which holds 20,480 characters
 * (Lambda developer guide, "Lambda quotas"). The longest statement has about 1,200: an ARN of 591, the function's of 140,
 * a statement id of 255 that CloudFormation makes, and 200 of its own.
 */
export const MOST_STATEMENTS = 16;

/**
 * Lets Secrets Manager invoke the function, from this account only, and for these secrets only as long as there is room to
 * list them.
 *
 * @param after what the function cannot do all of its work without
 * @returns what has to be there before a rotation may start, and comes after all that. So no schedule has to name it
 */
export function allowSecretsManager(
  scope: Construct,
  lambda: LambdaFunction,
  secrets: readonly RotatedSecret[],
  after: readonly IDependable[],
): IDependable {
  const permissions = new Construct(scope, 'Invocation');
  const fromThisAccount: Permission = {
    scope: permissions,
    principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
    sourceAccount: Stack.of(scope).account,
  };
  if (secrets.length > MOST_STATEMENTS) {
    lambda.addPermission('AnySecretOfThisAccount', fromThisAccount);
  } else {
    for (const { id, policyArn } of secrets) lambda.addPermission(id, { ...fromThisAccount, sourceArn: policyArn });
  }
  permissions.node.addDependency(...after);
  return permissions;
}
