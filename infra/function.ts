import { Duration, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { NAMESPACE, SERVICE } from '../src/metrics.ts';
import { bundleFolder } from './bundle.ts';
import { exemptFromLint } from './cfn-lint.ts';
import { ConfigurationError } from './configuration-error.ts';
import { joinHosts } from './hosts.ts';
import { createLog } from './log.ts';
import { explainFinding } from './nag.ts';
import { nodeOptions } from './node-options.ts';

/**
 * The function needs about 80 MB in its first rotation, and 110 in its thousandth. Memory buys processor time as well, which a
 * rotation mostly is: with half the memory one takes 1.6 times as long and costs a seventh less (docs/performance.md).
 */
const MEMORY_MB = 256;

/**
 * A step takes well under a second. The rest is for a Momento that does not answer at once: the function tries again
 * until its time is nearly up, and never lets go of a key that it has not stored.
 */
const TIMEOUT = Duration.seconds(60);

interface FunctionProps {
  readonly pingCache: string | undefined;
  readonly hosts: readonly string[] | undefined;
  readonly logRetention: RetentionDays;
  readonly logEncryptionKey: IKey | undefined;
  readonly vpc: IVpc | undefined;
  readonly vpcSubnets: SubnetSelection | undefined;
  readonly securityGroups: ISecurityGroup[] | undefined;
  readonly tracing: boolean;
}

export interface RotationFunction {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;
}

/** The function with a role that may do no more than run: write its log, and what its VPC and its traces take. */
export function createFunction(scope: Construct, props: FunctionProps): RotationFunction {
  if (props.vpc === undefined && (props.vpcSubnets !== undefined || props.securityGroups !== undefined)) {
    throw new ConfigurationError(
      'vpcSubnets and securityGroups need vpc. Give the vpc that they belong to, or leave them out.',
    );
  }
  if (props.pingCache?.trim() === '') {
    throw new ConfigurationError(
      'pingCache is empty. Write the name of a cache that the key may read, or leave it out.',
    );
  }

  const logGroup = createLog(scope, props.logRetention, props.logEncryptionKey);
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: 'Runs the function that rotates Momento API keys.',
  });
  const lambda = new LambdaFunction(scope, 'Function', {
    description: 'Rotates Momento API keys in Secrets Manager.',
    code: Code.fromAsset(bundleFolder()),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: MEMORY_MB,
    timeout: TIMEOUT,
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    environment: {
      NODE_OPTIONS: nodeOptions(MEMORY_MB),
      POWERTOOLS_SERVICE_NAME: SERVICE,
      POWERTOOLS_METRICS_NAMESPACE: NAMESPACE,
      ...(props.pingCache === undefined ? {} : { MOMENTO_PING_CACHE: props.pingCache }),
      ...(props.hosts === undefined ? {} : { MOMENTO_HOSTS: joinHosts(props.hosts) }),
    },
    ...(props.vpc === undefined ? {} : { vpc: props.vpc }),
    ...(props.vpcSubnets === undefined ? {} : { vpcSubnets: props.vpcSubnets }),
    ...(props.securityGroups === undefined ? {} : { securityGroups: props.securityGroups }),
  });

  const running = new Policy(scope, 'RunPolicy', {
    roles: [role],
    statements: [
      new PolicyStatement({
        sid: 'WriteLog',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    ],
  });
  if (props.vpc !== undefined) allowNetworkInterfaces(running, lambda, props.vpc, props.vpcSubnets);
  if (props.tracing) allowTraces(running, lambda);
  // Lambda refuses to create a function whose role lacks what its VPC and its traces take.
  // The resource alone: a security group of its own is named in the policy.
  lambda.node.defaultChild?.node.addDependency(running);
  // The CDK has it wait for its role, to which it refers as well.
  exemptFromLint(lambda, 'W3005');
  return { lambda, role, logGroup };
}

/** What Lambda asks of the role of a function in a VPC (developer guide, "Required IAM permissions"). */
function allowNetworkInterfaces(
  policy: Policy,
  lambda: LambdaFunction,
  vpc: IVpc,
  vpcSubnets: SubnetSelection | undefined,
): void {
  const arn = (resource: string, resourceName: string) =>
    Stack.of(policy).formatArn({ service: 'ec2', resource, resourceName });
  const interfaces = arn('network-interface', '*');
  const subnets = vpc.selectSubnets(vpcSubnets).subnetIds.map((id) => arn('subnet', id));
  const groups = lambda.connections.securityGroups.map((group) => arn('security-group', group.securityGroupId));
  policy.addStatements(
    new PolicyStatement({
      sid: 'CreateNetworkInterfaces',
      actions: ['ec2:CreateNetworkInterface'],
      resources: [interfaces, ...subnets, ...groups],
    }),
    new PolicyStatement({
      sid: 'ManageNetworkInterfaces',
      actions: ['ec2:AssignPrivateIpAddresses', 'ec2:DeleteNetworkInterface', 'ec2:UnassignPrivateIpAddresses'],
      resources: [interfaces],
    }),
    new PolicyStatement({
      sid: 'DescribeNetwork',
      actions: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'],
      resources: ['*'],
    }),
  );
  explainFinding(
    policy,
    'AwsSolutions-IAM5',
    ['Resource::*', 'Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:network-interface/*'],
    "Lambda makes the function's network interfaces with its role: their ids are not known before, and EC2's Describe actions know no resources.",
  );
}

function allowTraces(policy: Policy, lambda: LambdaFunction): void {
  // The L2's own tracing property gives the role a statement that cannot be named.
  const resource = lambda.node.defaultChild;
  if (resource instanceof CfnFunction) resource.tracingConfig = { mode: 'Active' };
  policy.addStatements(
    new PolicyStatement({
      sid: 'SendTraces',
      actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      resources: ['*'],
    }),
  );
  explainFinding(policy, 'AwsSolutions-IAM5', ['Resource::*'], "X-Ray's actions know no resources.");
}
