import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { secretsManagerAgent } from '../../src/client/index.ts';
import { startStage } from './stage.ts';

beforeEach(() => {
  for (const name of ['AWS_TOKEN', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN']) vi.stubEnv(name, '');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What AWS's agent does with a request, as its `server.rs` and `parse.rs` have it: the token, the query, the answer. */
async function startAgent(
  answer: (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void,
) {
  const queries: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, search, searchParams } = new URL(request.url ?? '', 'http://localhost');
    queries.push(search);
    if (request.headers['x-aws-parameters-secrets-token'] !== 'the token') response.writeHead(403).end('Bad Token');
    else if (pathname !== '/secretsmanager/get') response.writeHead(404).end();
    else answer(request, response, searchParams);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { queries, port: (server.address() as AddressInfo).port };
}

const request = { secretId: 'momento/authentication-token', refused: false, signal: AbortSignal.timeout(60_000) };
const value = JSON.stringify({ ARN: 'arn', Name: 'name', VersionId: 'v', SecretString: 'the value' });

describe('the secret is read from the agent', () => {
  test('by its name, and with refreshNow where a cached value will not do', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
    const { port, queries } = await startAgent((_, response) => response.end(value));
    const source = secretsManagerAgent({ port });
    expect(await source.read(request)).toEqual({ secretString: 'the value', versionId: 'v' });
    await source.read({ ...request, refused: true });
    const secretId = '?secretId=momento%2Fauthentication-token';
    expect(queries).toEqual([secretId, `${secretId}&refreshNow=true`]);
  });

  test('on the port that the extension is told', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
    const { port } = await startAgent((_, response) => response.end(value));
    vi.stubEnv('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', String(port));
    expect(await secretsManagerAgent().read(request)).toMatchObject({ versionId: 'v' });
  });

  test('with the token of the first variable that is set, or of the file that it names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'token'), 'the token\n');
    const { port } = await startAgent((_, response) => response.end(value));
    vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', 'the token');
    await expect(secretsManagerAgent({ port }).read(request)).resolves.toBeDefined();
    vi.stubEnv('AWS_SESSION_TOKEN', 'another');
    await expect(secretsManagerAgent({ port }).read(request)).rejects.toThrow('refuses the token that was sent (403)');
    vi.stubEnv('AWS_TOKEN', `file://${folder}/token`);
    await expect(secretsManagerAgent({ port }).read(request)).resolves.toBeDefined();
    vi.stubEnv('AWS_TOKEN', `file://${folder}/none`);
    await expect(secretsManagerAgent({ port }).read(request)).rejects.toThrow('cannot be read from');
  });

  test('although it is not ready yet', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
    let asked = 0;
    const { port } = await startAgent((_, response) => {
      asked += 1;
      if (asked < 3) response.writeHead(400).end('not ready to serve traffic, please wait');
      else response.end(value);
    });
    expect(await secretsManagerAgent({ port }).read(request)).toMatchObject({ versionId: 'v' });
  });

  describe('or, in Lambda, from Secrets Manager itself, when Momento has refused the key', () => {
    test('which the extension may go on to answer with', async () => {
      const { port, queries, stage } = await startExtension();
      const source = secretsManagerAgent({ port });
      onTestFinished(() => source.close());
      expect(await source.read(request)).toMatchObject({ secretString: 'the value' });
      const { secretString } = await source.read({ ...request, refused: true });
      expect(JSON.parse(secretString ?? '')).toMatchObject({ apiKey: stage.firstKey });
      expect(queries).toHaveLength(1);
    });

    test('but from the extension if the role may not', async () => {
      const { port, queries, stage } = await startExtension();
      const error = { code: 'AccessDeniedException', message: 'You may not.', status: 400 };
      stage.secretsManager.faults.add({ call: 'GetSecretValue', mishap: { kind: 'error', error } });
      const source = secretsManagerAgent({ port });
      onTestFinished(() => source.close());
      expect(await source.read({ ...request, refused: true })).toMatchObject({ secretString: 'the value' });
      expect(queries).toEqual([expect.stringContaining('refreshNow=true')]);
    });

    async function startExtension() {
      const stage = await startStage();
      vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'a-function');
      vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', stage.secretsManager.endpoint);
      vi.stubEnv('AWS_REGION', stage.secretsManager.region);
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
      vi.stubEnv('AWS_TOKEN', 'the token');
      return { stage, ...(await startAgent((_, response) => response.end(value))) };
    }
  });

  test('although it does not know refreshNow', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
    const { port } = await startAgent((_, response, query) => {
      if (query.has('refreshNow')) response.writeHead(400).end('unknown parameter: refreshNow');
      else response.end(value);
    });
    expect(await secretsManagerAgent({ port }).read({ ...request, refused: true })).toMatchObject({ versionId: 'v' });
  });

  test.each([
    ['an error', (response: ServerResponse) => response.writeHead(500).end('hunter2'), 'answered 500'],
    ['no JSON', (response: ServerResponse) => response.end('hunter2'), 'is not JSON'],
    [
      'a redirection',
      (response: ServerResponse) => response.writeHead(302, { location: 'http://x/' }).end(),
      'Nothing',
    ],
  ])('but not from %s', async (_, respond, message) => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
    const { port } = await startAgent((__, response) => respond(response));
    const read = secretsManagerAgent({ port }).read(request);
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.not.toThrow('hunter2');
  });

  test('as binary it has no string', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
    const { port } = await startAgent((_, response) => response.end('{"SecretBinary":"aHVudGVyMg=="}'));
    const version = await secretsManagerAgent({ port }).read(request);
    expect(version).toEqual({ secretString: undefined, versionId: undefined });
  });

  test('or from nothing', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
    vi.stubEnv('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', '');
    const refused = { ...request, signal: AbortSignal.abort() };
    await expect(secretsManagerAgent().read(refused)).rejects.toThrow('Nothing answers on localhost:2773');
    await expect(secretsManagerAgent({ port: 1 }).read(request)).rejects.toThrow('Nothing answers on localhost:1');
  });
});

test.each([
  ['ResourceNotFoundException', 'answered 400 ResourceNotFoundException.', 1],
  ['AccessDeniedException', 'answered 400 AccessDeniedException.', 1],
  ['InternalServiceError', 'answered 400 InternalServiceError.', 4],
  ['hunter2 and more', 'answered 400.', 4],
  [undefined, 'answered 400.', 4],
])(
  'the error %s of Secrets Manager is told, and asked about again where that may help',
  async (code, message, times) => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
    const { port, queries } = await startAgent((_, response) =>
      response.writeHead(400).end(JSON.stringify({ __type: code, message: 'hunter2' })),
    );
    const read = secretsManagerAgent({ port }).read(request);
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.not.toThrow('hunter2');
    expect(queries).toHaveLength(times);
  },
);

test('an answer that is JSON and no object has no string', async () => {
  vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
  const { port } = await startAgent((_, response) => response.end('null'));
  const version = await secretsManagerAgent({ port }).read(request);
  expect(version).toEqual({ secretString: undefined, versionId: undefined });
});

test('a token of several lines is not sent, and the error does not quote it', async () => {
  vi.stubEnv('AWS_SESSION_TOKEN', 'hunter\n2');
  const { port, queries } = await startAgent((_, response) => response.end(value));
  await expect(secretsManagerAgent({ port }).read(request)).rejects.toThrow(
    /^The agent's token cannot be sent: [^2]*$/,
  );
  expect(queries).toEqual([]);
});

test.each(['abc', '0', '65536', '1.5'])('%s is no port', (port) => {
  vi.stubEnv('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', port);
  expect(() => secretsManagerAgent()).toThrow('must be a whole number from 1 to 65535');
});

test('without a variable the token is in the file of the agent’s install script', async () => {
  // On a machine where there is one, it is read.
  const read = secretsManagerAgent({ port: 1 }).read(request);
  await expect(read).rejects.toThrow(/cannot be read from \/var\/run\/awssmatoken|Nothing answers/);
});

test('a key that was refused is replaced past the agent’s cache', async () => {
  vi.stubEnv('AWS_SESSION_TOKEN', 'the token');
  const stage = await startStage();
  const [old, current] = [stage.momento.issueKey(), stage.momento.issueKey()];
  const { port } = await startAgent((_, response, query) => {
    const { secretString } = query.get('refreshNow') === 'true' ? current : old;
    response.end(JSON.stringify({ SecretString: secretString, VersionId: 'v' }));
  });
  const credential = stage.credential({ source: secretsManagerAgent({ port }) });
  const provider = await credential.current();
  expect(stage.momento.idOf((await credential.refused(provider))?.getAuthToken() ?? '')).toBe(current.id);
});
