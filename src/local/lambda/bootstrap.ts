/**
 * What runs in the sandbox: loads the handler and feeds it one event after the other, as AWS's runtime interface client for Node.js
 * does (`aws-lambda-ric`), whose names for errors it keeps. Compiled to one plain file, so that it runs without this project.
 */
import { existsSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';

type Handler = (event: unknown, context: RuntimeContext) => unknown;
/** Without the three methods that are long deprecated. */
type RuntimeContext = Omit<Context, 'done' | 'fail' | 'succeed'>;

const agent = new Agent({ keepAlive: true });
const writeLog = process.stdout.write.bind(process.stdout);

/** The event that the handler is busy with; none while the handler is being loaded and while it waits for one. */
let requestId: string | undefined;

dieWithParent();
keepLogsTogether();
process.on('uncaughtException', (error) => void crash('Uncaught Exception', error, 129));
process.on('unhandledRejection', (reason) => {
  void crash('Unhandled Promise Rejection', runtimeError('UnhandledPromiseRejection', String(reason)), 128);
});
process.on('beforeExit', () => {
  const message = 'The runtime ended before the handler did, most likely because a promise was never settled.';
  void crash('Node.js exit', runtimeError('NodeJsExit', message), 1);
});

try {
  const handler = await loadHandler(variable('_HANDLER'), variable('LAMBDA_TASK_ROOT'));
  for (;;) await handleNextEvent(handler);
} catch (error) {
  await crash('Runtime Error', error, 1);
}

async function handleNextEvent(handler: Handler): Promise<void> {
  const { headers, body } = await call('GET', 'invocation/next');
  const id = header(headers, 'lambda-runtime-aws-request-id');
  requestId = id;
  process.env['_X_AMZN_TRACE_ID'] = header(headers, 'lambda-runtime-trace-id');
  let outcome: 'response' | 'error' = 'response';
  let answer: string;
  try {
    answer = serialize(await handler(JSON.parse(body), createContext(headers)));
  } catch (error) {
    logError('Invoke Error', error);
    outcome = 'error';
    answer = describeError(error);
  }
  await call('POST', `invocation/${id}/${outcome}`, answer);
  requestId = undefined;
}

async function loadHandler(name: string, taskRoot: string): Promise<Handler> {
  const [module, exported] = basename(name).split('.', 2);
  if (!module || !exported) throw runtimeError('MalformedHandlerName', `Bad handler ${name}`);
  const path = join(taskRoot, dirname(name), module);
  const file = ['.js', '.mjs', '.cjs'].map((extension) => path + extension).find((candidate) => existsSync(candidate));
  if (file === undefined) throw runtimeError('ImportModuleError', `Error: Cannot find module '${module}'`);
  let exports: Record<string, unknown>;
  try {
    exports = await import(pathToFileURL(file).href);
  } catch (error) {
    throw error instanceof SyntaxError ? runtimeError('UserCodeSyntaxError', String(error)) : error;
  }
  const handler = exports[exported];
  if (handler === undefined) throw runtimeError('HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw runtimeError('HandlerNotFound', `${name} is not a function`);
  if (handler.length > 2) throw runtimeError('CallbackHandlerDeprecated', `${name} must not take a callback`);
  return handler as Handler;
}

function createContext(headers: IncomingHttpHeaders): RuntimeContext {
  const deadline = Number(header(headers, 'lambda-runtime-deadline-ms'));
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: variable('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: variable('AWS_LAMBDA_FUNCTION_VERSION'),
    invokedFunctionArn: header(headers, 'lambda-runtime-invoked-function-arn'),
    memoryLimitInMB: variable('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    awsRequestId: header(headers, 'lambda-runtime-aws-request-id'),
    logGroupName: variable('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: variable('AWS_LAMBDA_LOG_STREAM_NAME'),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** Reports the error for the event in work, or else for the initialisation, and ends the process. */
async function crash(what: string, error: unknown, exitCode: number): Promise<void> {
  logError(what, error);
  const path = requestId === undefined ? 'init/error' : `invocation/${requestId}/error`;
  await call('POST', path, describeError(error)).catch(() => undefined);
  process.exit(exitCode);
}

function call(method: 'GET' | 'POST', path: string, body?: string) {
  return new Promise<{ headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const url = `http://${variable('AWS_LAMBDA_RUNTIME_API')}/2018-06-01/runtime/${path}`;
    const headers = { 'Content-Type': 'application/json' };
    request(url, { method, agent, headers }, (response) => {
      text(response).then((answer) => resolve({ headers: response.headers, body: answer }), reject);
    })
      .on('error', reject)
      .end(body);
  });
}

function serialize(response: unknown): string {
  try {
    return JSON.stringify(response === undefined ? null : response);
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) {
    return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });
  }
  const { name, message, stack = '' } = error;
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack.split('\n') });
}

/** Lambda's runtime logs an error with all that hangs on it, and so does this, or a secret in an error would go unnoticed. */
function logError(what: string, error: unknown): void {
  const content = JSON.stringify(error, (_key, value: unknown) => {
    if (!(value instanceof Error)) return value;
    const { name, message, stack, cause } = value;
    return { errorType: name, errorMessage: message, ...value, cause, stack: stack?.split('\n') };
  });
  writeLog(`${new Date().toISOString()}\t${requestId}\tERROR\t${what}\t${content}\n`);
}

/** Lambda has one log for both, in the order of writing, and keeps what was written before a kill. */
function keepLogsTogether(): void {
  // Not documented, but the only way to have each write done when it returns, however much has been written.
  const { _handle: handle } = process.stdout as { _handle?: { setBlocking?(blocking: boolean): void } };
  handle?.setBlocking?.(true);
  process.stderr.write = writeLog;
}

/** The parent holds the other end of stdin, which is closed when it is gone, in whatever way. */
function dieWithParent(): void {
  process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL')).resume();
  // It must not keep a handler alive that has nothing left to wait for.
  if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();
}

function runtimeError(type: string, message: string): Error {
  return Object.assign(new Error(message), { name: `Runtime.${type}` });
}

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string') throw runtimeError('InvalidEvent', `the header ${name} is missing`);
  return value;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw runtimeError('InvalidEnvironment', `the environment variable ${name} is missing`);
  return value;
}
