import { fileURLToPath } from 'node:url';
import { CreateSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onTestFinished } from 'vitest';
import { type LocalLambda, startLambda } from '../../src/local/lambda/lambda.ts';
import { type LocalMomento, type LocalMomentoOptions, startMomento } from '../../src/local/momento/momento.ts';
import {
  type Behaviour,
  type LocalSecretsManager,
  type RotationEvent,
  startSecretsManager,
} from '../../src/local/secrets-manager/local-secrets-manager.ts';
import { WHOLE_PROCESSOR_MB } from '../../src/priming/whole-processor.ts';
import { type Operator, operatorOf } from '../operator.ts';

export const BUILT_FUNCTION = fileURLToPath(new URL('../../dist/lambda', import.meta.url));

export type Step = RotationEvent['Step'];

/**
 * The stand-ins, the built function in two processes, and a secret with a rotation under way whose steps the test itself
 * invokes.
 */
export interface Stage extends Operator {
  secretsManager: LocalSecretsManager;
  momento: LocalMomento;
  /** Two that know nothing of each other: the function's sandboxes. */
  lambdas: [LocalLambda, LocalLambda];
  client: SecretsManagerClient;
  secretId: string;
  versionId: string;
  firstVersionId: string;
  event(step: Step): RotationEvent;
  /** Invokes a step, in the first process unless another is given. */
  step(step: Step, lambda?: LocalLambda): Promise<unknown>;
  /** Invokes the function with any event, in the first process. */
  invoke(event: unknown): Promise<unknown>;
  /** Everything that the function logged and threw, in any process. */
  output(): string;
}

type SecretString = (momento: LocalMomento) => string;

export interface HouseOptions {
  behaviour?: Partial<Behaviour>;
  momento?: LocalMomentoOptions;
  timeoutMs?: number;
  /** Of the function, on top of what points it at the stand-ins. */
  environment?: Record<string, string>;
}

export interface StageOptions extends HouseOptions {
  secretString?: SecretString | undefined;
}

/** Stand-ins and processes that many stages can have, one after the other: the function's processes are warm from the second on. */
export interface House {
  /** With a secret of its own, without the faults of the stage before, and with nothing of what was logged then. */
  nextStage(secretString?: SecretString): Promise<Stage>;
  close(): Promise<void>;
}

export async function startStage({ secretString, ...options }: StageOptions = {}): Promise<Stage> {
  const house = await startHouse(options);
  onTestFinished(house.close);
  return house.nextStage(secretString);
}

export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const { timeoutMs = 30_000, environment } = options;
  let output: string[] = [];
  let rotationToken: string | undefined;
  const momento = await startMomento(options.momento);
  const secretsManager = await startSecretsManager({
    invoke: (_, event) => {
      rotationToken = event.RotationToken;
      return new Promise(() => {});
    },
    ...(options.behaviour && { behaviour: options.behaviour }),
  });
  const startFunction = () =>
    startLambda({
      taskRoot: BUILT_FUNCTION,
      functionName: 'momento-key-rotation',
      timeoutMs,
      // With less it is primed, which has tests of its own, and takes as long as a rotation.
      memoryMb: WHOLE_PROCESSOR_MB,
      environment: {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
        MOMENTO_API_KEYS_ENDPOINT: momento.apiKeysEndpoint,
        MOMENTO_HOSTS: '127.0.0.1',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        ...environment,
      },
      onLog: (line) => output.push(line),
    });
  const lambdas: [LocalLambda, LocalLambda] = [await startFunction(), await startFunction()];
  const client = new SecretsManagerClient(secretsManager.connection);
  let stages = 0;

  async function nextStage(secretString: SecretString = (local) => local.issueKey().secretString): Promise<Stage> {
    for (const faults of [secretsManager.faults, momento.faults, momento.apiKeysFaults]) faults.clear();
    output = [];
    stages += 1;
    const Name = stages === 1 ? 'a/secret' : `a/secret-${stages}`;
    const created = await client.send(new CreateSecretCommand({ Name, SecretString: secretString(momento) }));
    const secretId = created.ARN as string;
    const rotation = await client.send(
      new RotateSecretCommand({
        SecretId: secretId,
        RotationLambdaARN: lambdas[0].functionArn,
        RotationRules: { AutomaticallyAfterDays: 1 },
      }),
    );
    const versionId = rotation.VersionId as string;
    await Promise.resolve();

    const operator = operatorOf(secretsManager, secretId);
    const event = (step: Step): RotationEvent => ({
      Step: step,
      SecretId: secretId,
      ClientRequestToken: versionId,
      ...(rotationToken !== undefined && { RotationToken: rotationToken }),
    });
    const invoke = async (request: unknown, lambda = lambdas[0]) => {
      try {
        return await lambda.invoke(request);
      } catch (error) {
        output.push(JSON.stringify(error, Object.getOwnPropertyNames(error)));
        throw error;
      }
    };
    return {
      secretsManager,
      momento,
      lambdas,
      client,
      secretId,
      versionId,
      firstVersionId: created.VersionId as string,
      event,
      step: (step, lambda) => invoke(event(step), lambda),
      invoke: (request) => invoke(request),
      ...operator,
      put: (value, options) => operator.put(value, { rotationToken, ...options }),
      output: () => output.join('\n'),
    };
  }

  return {
    nextStage,
    async close() {
      client.destroy();
      await secretsManager.close();
      await Promise.all([momento.close(), ...lambdas.map((lambda) => lambda.close())]);
    },
  };
}
