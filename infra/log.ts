import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnLogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { requireKeyArn } from './keys.ts';

/**
 * The function's log, kept for as long as it says, also when the stack goes: it is the record of what happened to the keys.
 *
 * @throws ConfigurationError if the key is given by an alias
 */
export function createLog(scope: Construct, retention: RetentionDays, encryptionKey: IKey | undefined): LogGroup {
  if (encryptionKey === undefined) return new LogGroup(scope, 'Log', { retention });
  requireKeyArn(encryptionKey, 'logEncryptionKey');
  const logGroup = new LogGroup(scope, 'Log', { retention, encryptionKey });
  // Does nothing to a key that was imported: its policy is not known here.
  encryptionKey.addToResourcePolicy(useForLog(logGroup));
  return logGroup;
}

/**
 * What CloudWatch Logs asks of a key ("Encrypt log data in CloudWatch Logs using AWS Key Management Service"), for one log group. By
 * its name, the end of which CloudFormation makes up: a key that had to wait for the log group would wait for itself.
 */
function useForLog(logGroup: LogGroup): PolicyStatement {
  const stack = Stack.of(logGroup);
  const resource = logGroup.node.defaultChild as CfnLogGroup;
  // The name of a nested stack is made up as well.
  const stackName = stack.nestedStackParent === undefined ? stack.stackName : '*';
  const arn = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: `${stackName}-${resource.logicalId}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    sid: 'EncryptRotationLog',
    principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arn } },
  });
}
