/** The service's REST JSON protocol: an action is a method and a path. Signatures are not verified. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { beginCall, type Call } from '../aws/call.ts';
import { type AwsError, AwsServiceError } from '../aws/error.ts';
import { formatBody, parseBody } from '../aws/json.ts';
import type { Faults } from '../faults.ts';
import type { Answer, Exchange } from '../http-server.ts';
import { type ActionName, actions } from './actions.ts';
import { decodeRequest } from './requests.ts';
import type { SchedulerService } from './service.ts';

interface WireOptions {
  service: SchedulerService;
  faults: Faults<AwsError>;
  now: () => Date;
  onArrival: (call: Call) => void;
}

/** Where the members of an action's input are. */
interface Route {
  action: ActionName;
  method: string;
  path: RegExp;
  /** The query's parameters, and the members that they are. */
  query?: Record<string, string>;
}

/** `http` of each operation in the service's model. */
const ROUTES: readonly Route[] = [
  { action: 'CreateSchedule', method: 'POST', path: /^\/schedules\/([^/]+)$/ },
  {
    action: 'GetSchedule',
    method: 'GET',
    path: /^\/schedules\/([^/]+)$/,
    query: { groupName: 'GroupName' },
  },
  {
    action: 'DeleteSchedule',
    method: 'DELETE',
    path: /^\/schedules\/([^/]+)$/,
    query: { groupName: 'GroupName', clientToken: 'ClientToken' },
  },
  {
    action: 'ListSchedules',
    method: 'GET',
    path: /^\/schedules$/,
    query: {
      ScheduleGroup: 'GroupName',
      NamePrefix: 'NamePrefix',
      State: 'State',
      MaxResults: 'MaxResults',
      NextToken: 'NextToken',
    },
  },
  { action: 'CreateScheduleGroup', method: 'POST', path: /^\/schedule-groups\/([^/]+)$/ },
];

/** `httpError` of each error in the service's model. */
const STATUSES: Record<string, number> = {
  ServiceQuotaExceededException: 402,
  ResourceNotFoundException: 404,
  UnknownOperationException: 404,
  ConflictException: 409,
  ThrottlingException: 429,
  InternalServerException: 500,
};

export function beginAction({ service, ...wire }: WireOptions, request: IncomingMessage): Exchange<AwsError> {
  const { pathname, searchParams } = new URL(`http://local${request.url}`);
  const route = ROUTES.find(({ method, path }) => method === request.method && path.test(pathname));
  return beginCall({
    ...wire,
    action: route?.action ?? '',
    onEnd: (call) => service.events.publish({ type: 'call', call }),
    perform(body) {
      if (route === undefined) throw unknownOperation();
      const input = { ...(parseBody(body) as object), ...membersIn(route, pathname, searchParams) };
      return service.call(route.action, decodeRequest(route.action, input));
    },
    write: { output: (output) => json(200, formatBody(output)), error: failure },
    internalError: 'InternalServerException',
  });
}

function unknownOperation(): AwsServiceError {
  return new AwsServiceError(
    'UnknownOperationException',
    `This is not supported by this local EventBridge Scheduler. Supported: ${Object.keys(actions).join(', ')}.`,
  );
}

function membersIn({ path, query = {} }: Route, pathname: string, parameters: URLSearchParams) {
  const members: Record<string, unknown> = {};
  const name = path.exec(pathname)?.[1];
  if (name !== undefined) members['Name'] = decoded(name);
  for (const [parameter, member] of Object.entries(query)) {
    const value = parameters.get(parameter);
    if (value !== null) members[member] = member === 'MaxResults' && /^\d+$/.test(value) ? Number(value) : value;
  }
  return members;
}

/** As it is if it is not well encoded: it is no valid name then. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function failure({ code, message, status = STATUSES[code] ?? 400 }: AwsError): Answer {
  return json(status, JSON.stringify({ Message: message }), { 'x-amzn-ErrorType': code });
}

function json(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/json', 'x-amzn-RequestId': randomUUID() },
    body,
  };
}
