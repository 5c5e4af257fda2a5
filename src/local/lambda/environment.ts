import { randomBytes } from 'node:crypto';

export interface EnvironmentOptions {
  taskRoot: string;
  handler: string;
  functionName: string;
  memoryMb: number;
  region: string;
  /** The function's own variables. The ones that Lambda reserves for itself cannot be set. */
  environment: Readonly<Record<string, string>>;
}

/**
 * The environment of one sandbox (Lambda developer guide, "Defined runtime environment variables"). Nothing is inherited but `PATH`;
 * the credentials are made up, and good for nothing.
 */
export function createEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { taskRoot, handler, functionName, memoryMb, region, environment } = options;
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const [nodeMajor] = process.versions.node.split('.');
  return {
    PATH: process.env['PATH'] ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...environment,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${nodeMajor}.x`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${randomBytes(16).toString('hex')}`,
  };
}
