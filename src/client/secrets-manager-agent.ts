import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { secretsManager } from './secrets-manager-source.ts';
import { type SecretRequest, type SecretSource, SecretUnavailableError, type SecretVersion } from './source.ts';

export interface SecretsManagerAgentOptions {
  /** On this machine. @default `PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`, or else 2773 */
  port?: number;
}

/** Where the agent's install script leaves the token (README of `aws/aws-secretsmanager-agent`). */
const TOKEN_FILE = '/var/run/awssmatoken';
/** In the order in which the agent itself looks for the token (its setting `ssrf_env_variables`). */
const TOKEN_VARIABLES = ['AWS_TOKEN', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];

const FINAL_CODES = ['ResourceNotFoundException', 'AccessDeniedException'];

/** A reader that has to wait until the agent or the extension is up waits this often, and twice as long each time. */
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;

/**
 * Reads the secret from the AWS Secrets Manager Agent or the AWS Parameters and Secrets Lambda Extension, which keep it for
 * all processes of a machine or a sandbox, on `localhost:2773`. Neither needs the AWS SDK in the application.
 *
 * Both keep a value for 300 seconds unless told otherwise (`ttl_seconds`, `SECRETS_MANAGER_TTL`), which comes on top of the
 * credential's own time to live. When Momento has refused a key, the agent is told not to answer from its cache
 * (`refreshNow=true`). The extension's documentation does not have that parameter. So in Lambda, where the AWS SDK is, the
 * secret is then read from Secrets Manager itself. If the role may not, the extension is asked; if it refuses the parameter,
 * without it, and a key that was revoked early is replaced when the extension's own time is up.
 *
 * A read waits up to 0.7 s for an agent that does not answer yet, and keeps the process alive meanwhile.
 *
 * Sources: README and `server.rs` of `aws/aws-secretsmanager-agent`; "Use AWS Secrets Manager secrets in AWS Lambda
 * functions" in the user guide.
 */
export function secretsManagerAgent(options: SecretsManagerAgentOptions = {}): SecretSource & { close(): void } {
  const port = options.port ?? Number(process.env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] || 2773);
  if (!(Number.isInteger(port) && port > 0 && port < 2 ** 16)) {
    throw new RangeError('The port of the agent or the extension must be a whole number from 1 to 65535.');
  }
  const beside = process.env['AWS_LAMBDA_FUNCTION_NAME'] ? secretsManager() : undefined;
  return {
    async read({ secretId, refused, signal }) {
      if (refused && beside) {
        const version = await beside.read({ secretId, refused, signal }).catch(() => undefined);
        if (version) return version;
      }
      let refreshNow = refused;
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await get(port, { secretId, refused: refreshNow, signal });
        } catch (error) {
          if (attempt === ATTEMPTS || error instanceof FinalAnswer || signal.aborted) throw error;
          refreshNow = false;
          await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
        }
      }
    },
    close() {
      beside?.close();
    },
  };
}

/** Asking again does not help. */
class FinalAnswer extends SecretUnavailableError {}

async function get(port: number, { secretId, refused, signal }: SecretRequest): Promise<SecretVersion> {
  const url = new URL(`http://localhost:${port}/secretsmanager/get`);
  url.searchParams.set('secretId', secretId);
  if (refused) url.searchParams.set('refreshNow', 'true');
  const headers = { 'X-Aws-Parameters-Secrets-Token': await token() };
  let response: Response;
  try {
    response = await fetch(url, { headers, signal, redirect: 'error' });
  } catch {
    throw new SecretUnavailableError(`Nothing answers on ${url.host}, where the agent or the extension should be.`);
  }
  if (response.status === 401 || response.status === 403) {
    throw new FinalAnswer(`The agent or the extension refuses the token that was sent (${response.status}).`);
  }
  if (!response.ok) throw await failure(response);
  const { SecretString, VersionId } = await bodyOf(response);
  return {
    secretString: typeof SecretString === 'string' ? SecretString : undefined,
    versionId: typeof VersionId === 'string' ? VersionId : undefined,
  };
}

/** Secrets Manager's own error code is passed on, but not its message, which may be anything. */
async function failure(response: Response): Promise<Error> {
  const { __type } = await bodyOf(response).catch(() => ({ __type: undefined }));
  const code = typeof __type === 'string' && /^\w+$/.test(__type) ? __type : undefined;
  const message = `The agent or the extension answered ${[response.status, code].filter(Boolean).join(' ')}.`;
  const Answer = code && FINAL_CODES.includes(code) ? FinalAnswer : SecretUnavailableError;
  return new Answer(message, code ? { code } : {});
}

async function bodyOf(response: Response): Promise<{ SecretString?: unknown; VersionId?: unknown; __type?: unknown }> {
  try {
    return Object(await response.json());
  } catch {
    // The parser's message quotes the text.
    throw new SecretUnavailableError('The answer of the agent or the extension is not JSON.');
  }
}

/** Read each time: the file is written anew when the agent starts. */
async function token(): Promise<string> {
  const value = TOKEN_VARIABLES.map((name) => process.env[name]).find(Boolean) ?? `file://${TOKEN_FILE}`;
  const found = value.startsWith('file://') ? await tokenIn(value.slice('file://'.length)) : value;
  if (!/^[\x20-\x7e]+$/.test(found))
    throw new FinalAnswer("The agent's token cannot be sent: it is empty, or not one line of ASCII.");
  return found;
}

async function tokenIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    throw new FinalAnswer(`The agent's token cannot be read from ${file}.`);
  }
}
