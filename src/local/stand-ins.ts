import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CommandError } from '../command/command.ts';
import { type LocalLambda, startLambda } from './lambda/lambda.ts';
import { type LocalMomento, type LocalMomentoOptions, startMomento } from './momento/momento.ts';
import {
  type LocalSecretsManager,
  type LocalSecretsManagerOptions,
  startSecretsManager,
} from './secrets-manager/local-secrets-manager.ts';

export interface StandInsOptions {
  /** What the function is invoked by is set here. */
  secretsManager?: Omit<LocalSecretsManagerOptions, 'invoke' | 'canInvoke'>;
  momento?: LocalMomentoOptions;
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

/** Secrets Manager, Momento and Lambda on this machine, joined as they are in the cloud. */
export interface StandIns {
  secretsManager: LocalSecretsManager;
  momento: LocalMomento;
  /** Runs the built function. `RotateSecret` with its ARN has it invoked. */
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

export async function startStandIns(options: StandInsOptions = {}): Promise<StandIns> {
  // What is shown here is for newcomers, who are not to be told first when the SDK drops the Node.js that they have.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const { timeoutMs = 60_000, environment: variables, onLog, taskRoot = BUILT_FUNCTION } = options.lambda ?? {};
  if (!existsSync(taskRoot))
    throw new CommandError(`the function is not built: there is no ${taskRoot}. Run "npm run build".`);
  const momento = await startMomento(options.momento);
  const secretsManager = await startSecretsManager({
    ...options.secretsManager,
    invoke: (_, event) => lambda.invoke(event),
    canInvoke: (functionArn) => functionArn === lambda.functionArn,
  });
  const { credentials } = secretsManager.connection;
  const environment = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
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
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      MOMENTO_API_KEYS_ENDPOINT: momento.apiKeysEndpoint,
      MOMENTO_HOSTS: '127.0.0.1',
      ...variables,
    },
    ...(onLog && { onLog }),
  });
  const client = new SecretsManagerClient(secretsManager.connection);

  return {
    secretsManager,
    momento,
    lambda,
    environment,
    client,
    async close() {
      client.destroy();
      await secretsManager.close();
      await Promise.all([momento.close(), lambda.close()]);
    },
  };
}

/** The environment of a function that manages the v2 keys of one secret with the admin key. */
export function managed(secretName: string, roleId: string): Record<string, string> {
  return { MOMENTO_ADMIN_SECRET: ADMIN_SECRET_NAME, MOMENTO_ROLES: JSON.stringify({ [secretName]: roleId }) };
}
