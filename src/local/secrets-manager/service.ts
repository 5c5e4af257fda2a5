import { createEvents, type Events } from '../events.ts';
import { type ActionInput, type ActionName, type ActionOutput, actions } from './actions/actions.ts';
import type { Context } from './actions/context.ts';
import { createReplication } from './replication.ts';
import { validateRequest } from './requests.ts';
import type { ServiceEvent } from './rotation-events.ts';
import { createRotationEngine, type Invoke } from './rotations.ts';
import { Regions } from './secrets.ts';
import { type Behaviour, defaultBehaviour } from './secrets-manager-behaviour.ts';

export interface ServiceOptions {
  /** @default 'us-east-1' */
  region?: string;
  /** Twelve digits. @default '123456789012' */
  accountId?: string;
  /** The clock of every date. @default the system's */
  now?: () => Date;
  /** @default {@link defaultBehaviour} */
  behaviour?: Partial<Behaviour>;
  /** The rotation function. Without one `RotateSecret` answers `AccessDeniedException`, as for a function that may not be invoked. */
  invoke?: Invoke;
  /**
   * Whether there is a function of that ARN, which the service may invoke: else `RotateSecret` answers `AccessDeniedException`.
   * @default every one
   */
  canInvoke?: (functionArn: string) => boolean;
  /** How long after a failed rotation it is tried again, in milliseconds of real time; undefined: only when told to. */
  retryAfterMs?: number;
  /** How often a failed rotation is tried again by itself. @default 5 */
  maxRetries?: number;
}

/** Secrets Manager in this process, without a server. Several can live side by side. */
export interface SecretsManagerService {
  readonly region: string;
  readonly events: Events<ServiceEvent>;
  /**
   * Performs an action in a Region, by default the service's own. Inputs and outputs have the shapes of the AWS SDK's
   * requests and responses.
   * @throws AwsServiceError with the service's error code.
   */
  call<A extends ActionName>(action: A, input: ActionInput<A>, region?: string): ActionOutput<A>;
  /** Makes a secret a replica of the one in `primaryRegion`: it can be read, and writes are refused. */
  markAsReplica(secretId: string, primaryRegion: string): void;
  /** Resolves when no rotation step runs or waits to run. Retries that wait for their time do not count. */
  rotationSettled(): Promise<void>;
  /**
   * Does at once what the service does by itself later: runs a failed rotation again, with the same token. Resolves when
   * that run is over, however it ended.
   * @throws Error if the secret has no failed rotation, ResourceNotFoundException if there is no such secret.
   */
  retryRotation(secretId: string): Promise<void>;
  /** No further step or retry is started. */
  close(): void;
}

export function createSecretsManagerService(options: ServiceOptions = {}): SecretsManagerService {
  const { region = 'us-east-1', accountId = '123456789012', now = () => new Date() } = options;
  const behaviour = { ...defaultBehaviour, ...options.behaviour };
  const events = createEvents<ServiceEvent>();
  const { invoke, canInvoke, retryAfterMs, maxRetries } = options;
  const regions = new Regions({ accountId, now });
  const replication = createReplication({
    regions,
    behaviour,
    now,
    onOverwritten: (secret) => rotation.abandon(secret, 'deleted'),
  });
  const rotation = createRotationEngine({
    now,
    behaviour,
    invoke,
    canInvoke,
    retryAfterMs,
    maxRetries,
    publish(notice) {
      replication.send();
      events.publish(notice);
    },
  });
  const own = regions.in(region);

  return {
    region,
    events,
    call<A extends ActionName>(action: A, input: ActionInput<A>, of = region): ActionOutput<A> {
      validateRequest(action, input);
      replication.arrive();
      const perform = actions[action] as unknown as (on: Context, request: ActionInput<A>) => ActionOutput<A>;
      const context: Context = { secrets: regions.in(of), rotation, replication, behaviour, now };
      try {
        return perform(context, input);
      } finally {
        replication.send();
      }
    },
    markAsReplica(secretId, primaryRegion) {
      own.find(secretId).primaryRegion = primaryRegion;
    },
    rotationSettled: () => rotation.settled(),
    retryRotation: async (secretId) => rotation.retry(own.find(secretId)),
    close: () => rotation.close(),
  };
}
