import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type LocalLambda, startLambda } from './lambda/lambda.ts';
import { type LocalMomento, type LocalMomentoOptions, startMomento } from './momento/momento.ts';
import { type LocalScheduler, type LocalSchedulerOptions, startScheduler } from './scheduler/index.ts';
import {
  type LocalSecretsManager,
  type LocalSecretsManagerOptions,
  startSecretsManager,
} from './secrets-manager/index.ts';

export interface StandInsOptions {
  /** What the function is invoked by is set here. */
  secretsManager?: Omit<LocalSecretsManagerOptions, 'invoke'>;
  momento?: LocalMomentoOptions;
  /** The group of the function's schedules is set here. */
  scheduler?: Omit<LocalSchedulerOptions, 'groups'>;
  /** Has the function revoke superseded v2 keys on schedule. @default by the next rotation */
  revocation?: {
    /** Seconds for which a superseded key goes on working, at least. */
    overlapSeconds: number;
  };
  lambda?: {
    /** Milliseconds that the function has for one event. @default 60000 */
    timeoutMs?: number;
    /** The function's environment variables, on top of what points it at the local services. */
    environment?: Record<string, string>;
    /** Called for each line that the function logs. */
    onLog?: (line: string) => void;
    /** The folder of the built function. @default dist/lambda */
    taskRoot?: string;
  };
}

/** Secrets Manager, EventBridge Scheduler, Momento and Lambda on this machine, joined as they are in the cloud. */
export interface StandIns {
  secretsManager: LocalSecretsManager;
  scheduler: LocalScheduler;
  momento: LocalMomento;
  /** Runs the built function. `RotateSecret` with its ARN has it invoked, and so does a schedule. */
  lambda: LocalLambda;
  /** The environment that points an AWS SDK or CLI at the local services, and whoever manages keys at the local Momento. */
  environment: Record<string, string>;
  /** A client of the local Secrets Manager. */
  client: SecretsManagerClient;
  close(): Promise<void>;
}

/** The name that Momento's own examples use. */
export const SECRET_NAME = 'momento/authentication-token';

/** Where there is one: the secret with the v2 key that manages others. */
export const ADMIN_SECRET_NAME = 'momento/admin';

const BUILT_FUNCTION = fileURLToPath(new URL('../../dist/lambda', import.meta.url));

/** What the function is deployed with. */
const MEMORY_MB = 256;

/** The schedule group of the revocations. */
export const SCHEDULE_GROUP = 'momento-key-rotation';

/** Neither is there; the local services look at neither. */
const SCHEDULER_ROLE_ARN = 'arn:aws:iam::123456789012:role/momento-key-rotation-scheduler';
const DEAD_LETTER_ARN = 'arn:aws:sqs:us-east-1:123456789012:momento-key-rotation-dead-letters';

export async function startStandIns(options: StandInsOptions = {}): Promise<StandIns> {
  // What is shown here is for newcomers, who are not to be told first when the SDK drops the Node.js that they have.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const { timeoutMs = 60_000, environment: variables, onLog, taskRoot = BUILT_FUNCTION } = options.lambda ?? {};
  if (!existsSync(taskRoot))
    throw new Error(`The function is not built: there is no ${taskRoot}. Run "npm run build".`);
  const momento = await startMomento(options.momento);
  const secretsManager = await startSecretsManager({
    ...options.secretsManager,
    invoke: async (functionArn, event) => {
      if (functionArn !== lambda.functionArn)
        throw new Error(`There is no function ${functionArn}; there is ${lambda.functionArn}.`);
      return lambda.invoke(event);
    },
  });
  const scheduler = await startScheduler({ ...options.scheduler, groups: [SCHEDULE_GROUP] });
  const { credentials } = secretsManager.connection;
  const environment = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
    AWS_ENDPOINT_URL_SCHEDULER: scheduler.endpoint,
    AWS_REGION: secretsManager.region,
    AWS_DEFAULT_REGION: secretsManager.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    MOMENTO_API_KEYS_ENDPOINT: momento.apiKeysEndpoint,
  };
  const lambda = await startLambda({
    taskRoot,
    functionName: 'momento-key-rotation',
    timeoutMs,
    memoryMb: MEMORY_MB,
    environment: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
      AWS_ENDPOINT_URL_SCHEDULER: scheduler.endpoint,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      MOMENTO_API_KEYS_ENDPOINT: momento.apiKeysEndpoint,
      MOMENTO_HOSTS: '127.0.0.1',
      ...(options.revocation && revocationSettings(options.revocation.overlapSeconds)),
      ...variables,
    },
    ...(onLog && { onLog }),
  });
  scheduler.registerFunction(lambda.functionArn, { invoke: lambda.invoke, onFailureArn: DEAD_LETTER_ARN });
  const client = new SecretsManagerClient(secretsManager.connection);

  return {
    secretsManager,
    scheduler,
    momento,
    lambda,
    environment,
    client,
    async close() {
      client.destroy();
      await Promise.all([secretsManager.close(), scheduler.close()]);
      await Promise.all([momento.close(), lambda.close()]);
    },
  };
}

/** The environment of a function that manages the v2 keys of one secret with the admin key. */
export function managed(secretName: string, roleId: string): Record<string, string> {
  return { MOMENTO_ADMIN_SECRET: ADMIN_SECRET_NAME, MOMENTO_ROLES: JSON.stringify({ [secretName]: roleId }) };
}

function revocationSettings(overlapSeconds: number): Record<string, string> {
  return {
    MOMENTO_OVERLAP_SECONDS: String(overlapSeconds),
    MOMENTO_REVOCATION_SCHEDULE_GROUP: SCHEDULE_GROUP,
    MOMENTO_REVOCATION_ROLE_ARN: SCHEDULER_ROLE_ARN,
    MOMENTO_REVOCATION_DEAD_LETTER_ARN: DEAD_LETTER_ARN,
  };
}
