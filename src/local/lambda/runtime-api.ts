import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FunctionError, type FunctionErrorPayload } from './lambda-errors.ts';

/** An event on its way to the function. */
export interface Invocation {
  requestId: string;
  /** JSON */
  payload: string;
  /** Epoch milliseconds at which the sandbox is killed. */
  deadline: number;
  functionArn: string;
  traceId: string;
}

/** What the function made of an event: JSON, or the error that it reported. */
export type Outcome = { response: string } | { error: FunctionError };

/** One sandbox's Lambda Runtime API (Lambda developer guide, "Using the Lambda runtime API"), on loopback. */
export interface RuntimeApi {
  /** `127.0.0.1:PORT`, for `AWS_LAMBDA_RUNTIME_API`. */
  address: string;
  /** Resolves when the runtime waits for an event: it is initialised, and done with the one before. */
  polled(): Promise<void>;
  /** Hands the event to the runtime, which must be waiting. */
  deliver(invocation: Invocation): void;
  /** What was reported for the event delivered last, if anything. */
  outcome(): Outcome | undefined;
  /** Why the runtime could not be initialised, if it said so. */
  initError(): FunctionError | undefined;
  close(): void;
}

const PREFIX = '/2018-06-01/runtime';

export async function startRuntimeApi(): Promise<RuntimeApi> {
  let poll: ServerResponse | undefined;
  let onPoll: (() => void) | undefined;
  let requestId: string | undefined;
  let outcome: Outcome | undefined;
  let initError: FunctionError | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url === `${PREFIX}/invocation/next`) {
      poll = response;
      onPoll?.();
      return;
    }
    const body = await text(request);
    switch (request.method === 'POST' && request.url) {
      case `${PREFIX}/init/error`:
        initError = readError(body);
        break;
      case `${PREFIX}/invocation/${requestId}/response`:
        outcome = { response: body };
        break;
      case `${PREFIX}/invocation/${requestId}/error`:
        outcome = { error: readError(body) };
        break;
      default:
        answer(response, 403, { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' });
        return;
    }
    answer(response, 202, { status: 'OK' });
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  // The runtime waits for its next event, and is busy with one, for as long as it takes.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async polled() {
      if (poll) return;
      await new Promise<void>((resolve) => {
        onPoll = resolve;
      });
    },
    deliver(invocation) {
      if (!poll) throw new Error('the runtime does not wait for an event');
      requestId = invocation.requestId;
      outcome = undefined;
      poll.writeHead(200, {
        'Content-Type': 'application/json',
        'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
        'Lambda-Runtime-Deadline-Ms': String(invocation.deadline),
        'Lambda-Runtime-Invoked-Function-Arn': invocation.functionArn,
        'Lambda-Runtime-Trace-Id': invocation.traceId,
      });
      poll.end(invocation.payload);
      poll = undefined;
    },
    outcome: () => outcome,
    initError: () => initError,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

function readError(body: string): FunctionError {
  return new FunctionError(JSON.parse(body) as FunctionErrorPayload);
}
