import type { Duplex } from 'node:stream';
import type { Call } from '../aws/call.ts';
import type { Certificate } from '../certificate.ts';
import { Faults } from '../faults.ts';
import { startHttpServer } from '../http-server.ts';
import { beginAction } from './http.ts';
import { countRequests, NO_QUOTAS, type RequestQuotas } from './request-quotas.ts';
import type { ServiceEvent } from './rotation-events.ts';
import type { AwsError } from './secrets-manager-errors.ts';
import { createSecretsManagerService, type SecretsManagerService, type ServiceOptions } from './service.ts';

export interface LocalSecretsManagerOptions extends ServiceOptions {
  /** On 127.0.0.1. @default 0, a free one */
  port?: number;
  /** @default none, in plaintext */
  certificate?: Certificate;
  /** How many requests a second come through over the wire; others are answered `ThrottlingException`. @default as many as come */
  requestQuotas?: RequestQuotas;
}

/**
 * Secrets Manager on loopback, for the AWS SDK (`endpoint`) and the AWS CLI (`--endpoint-url`) as they are. Any
 * credentials will do: signatures are not verified.
 */
export interface LocalSecretsManager
  extends Pick<SecretsManagerService, 'region' | 'markAsReplica' | 'rotationSettled' | 'retryRotation'> {
  /** Performs an action without a call, for whoever looks on: no fault strikes it, and it is not among the {@link calls}. */
  readonly look: SecretsManagerService['call'];
  /** `http://127.0.0.1:PORT`, or `https://…` with a certificate. */
  readonly endpoint: string;
  /** What a client of the AWS SDK needs to talk to it. */
  readonly connection: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** What calls over the wire are to suffer. */
  readonly faults: Faults<AwsError>;
  /** Every call over the wire, in order of arrival. */
  readonly calls: readonly Call[];
  /** @returns a function that ends the subscription. */
  subscribe(listener: (event: ServiceEvent) => void): () => void;
  /** Serves a connection that did not come over loopback. */
  accept(connection: Duplex): void;
  /** Ends open connections, waiting retries and delayed answers. A step that runs is not waited for. */
  close(): Promise<void>;
}

export async function startSecretsManager(options: LocalSecretsManagerOptions = {}): Promise<LocalSecretsManager> {
  const { port = 0, certificate, now = () => new Date(), requestQuotas = NO_QUOTAS } = options;
  const service = createSecretsManagerService(options);
  const faults = new Faults<AwsError>();
  const calls: Call[] = [];
  const count = countRequests(requestQuotas, now);
  const wire = { service, faults, now, count, onArrival: (call: Call) => calls.push(call) };
  const server = await startHttpServer({ port, certificate, begin: (request) => beginAction(wire, request) });
  const { endpoint } = server;
  const { region } = service;
  return {
    region,
    endpoint,
    connection: { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } },
    faults,
    calls,
    look: service.call,
    subscribe: service.events.subscribe,
    markAsReplica: service.markAsReplica,
    rotationSettled: service.rotationSettled,
    retryRotation: service.retryRotation,
    accept: server.accept,
    async close() {
      service.close();
      await server.close();
    },
  };
}
