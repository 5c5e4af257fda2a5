import type { Call } from '../aws/call.ts';
import type { AwsError } from '../aws/error.ts';
import { Faults } from '../faults.ts';
import { startHttpServer } from '../http-server.ts';
import { createAlarm } from './alarm.ts';
import type { SchedulerEvent } from './events.ts';
import { beginAction } from './http.ts';
import { createSchedulerService, type SchedulerService, type SchedulerServiceOptions } from './service.ts';

export interface LocalSchedulerOptions extends SchedulerServiceOptions {
  /** On 127.0.0.1. @default 0, a free one */
  port?: number;
}

/**
 * EventBridge Scheduler on loopback, for the AWS SDK (`endpoint`) and the AWS CLI (`--endpoint-url`) as they are. Any
 * credentials will do: signatures are not verified. What is due invokes its function in real time, as far as that agrees with
 * the clock, or when {@link LocalScheduler.runDue} is called.
 */
export interface LocalScheduler
  extends Pick<
    SchedulerService,
    'region' | 'deliveries' | 'registerFunction' | 'nextDueAt' | 'runDue' | 'deliveriesSettled'
  > {
  /** `http://127.0.0.1:PORT` */
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
  subscribe(listener: (event: SchedulerEvent) => void): () => void;
  /** Ends open connections, waiting tries and delayed answers. A function that runs is not waited for. */
  close(): Promise<void>;
}

export async function startScheduler(options: LocalSchedulerOptions = {}): Promise<LocalScheduler> {
  const { port = 0, now = () => new Date() } = options;
  const service = createSchedulerService(options);
  const faults = new Faults<AwsError>();
  const calls: Call[] = [];
  const alarm = createAlarm({ now, nextAt: service.nextDueAt, ring: () => void service.runDue() });
  service.events.subscribe((event) => {
    if (event.type === 'scheduled') alarm.set();
  });
  const wire = { service, faults, now, onArrival: (call: Call) => calls.push(call) };
  const server = await startHttpServer({ port, begin: (request) => beginAction(wire, request) });
  const { region } = service;
  return {
    region,
    endpoint: server.endpoint,
    connection: {
      endpoint: server.endpoint,
      region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    },
    faults,
    calls,
    deliveries: service.deliveries,
    registerFunction: service.registerFunction,
    nextDueAt: service.nextDueAt,
    runDue: service.runDue,
    deliveriesSettled: service.deliveriesSettled,
    subscribe: service.events.subscribe,
    async close() {
      alarm.cancel();
      service.close();
      await server.close();
    },
  };
}
