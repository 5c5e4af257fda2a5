import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleOptions } from '../../src/build/bundle.ts';
import { bundlePlainly } from '../bench/contestants.ts';
import type { Watched } from './priming-probe.ts';
import { BUILT_FUNCTION } from './stage.ts';

/** What the built function does when it is initialised in a Lambda runtime. */

let folder: string;
let probe: string;
let services: Server;
let requests = 0;
let endpoint: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priming-'));
  probe = join(folder, 'probe.mjs');
  await bundlePlainly(fileURLToPath(new URL('./priming-probe.ts', import.meta.url)), probe);
  services = createServer().on('connection', () => {
    requests += 1;
  });
  await new Promise<void>((resolve) => services.listen(0, '127.0.0.1', resolve));
  endpoint = `127.0.0.1:${(services.address() as AddressInfo).port}`;
});
afterAll(async () => {
  services.close();
  await rm(folder, { recursive: true });
});

async function initialise(environment: Record<string, string>, nodeArguments: string[] = []) {
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // Whatever is sent anywhere arrives here.
    AWS_ENDPOINT_URL: `http://${endpoint}`,
    MOMENTO_API_KEYS_ENDPOINT: `http://${endpoint}`,
    MOMENTO_HOSTS: '127.0.0.1',
    ...environment,
  };
  const parameters = ['--expose-gc', ...nodeArguments, probe, join(BUILT_FUNCTION, 'index.mjs')];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, parameters, { env });
  return { ...(JSON.parse(stdout) as Watched), stderr };
}

const IN_LAMBDA = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1' };
/** Whatever asks another process, another machine or a name server for something. */
const OUTSIDE = /^(GETADDRINFO|GETNAMEINFO|QUERY|UDP|PIPECONNECT|PROCESS)/;

describe('priming', () => {
  test('connects to itself alone, looks no name up, and leaves nothing open', async () => {
    const { begun, connected, listened, left, stderr } = await initialise(IN_LAMBDA);
    expect(listened).toHaveLength(1);
    // For the refresh and for the ping.
    expect(connected).toEqual([...listened, ...listened]);
    expect(begun.filter((type) => OUTSIDE.test(type))).toEqual([]);
    expect(left).toEqual([]);
    expect(stderr).toBe('');
    expect(requests).toBe(0);
  });

  test('is for a Lambda runtime', async () => {
    const { connected, listened, left } = await initialise({});
    expect({ connected, listened, left }).toEqual({ connected: [], listened: [], left: [] });
  });

  test.each(['http', 'https'])('asks no %s endpoint that the function is configured with', async (protocol) => {
    const { connected, listened } = await initialise({
      ...IN_LAMBDA,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `${protocol}://${endpoint}`,
    });
    expect([...new Set(connected)]).toEqual(listened);
    expect(requests).toBe(0);
  });

  test.each(['grpc_proxy', 'https_proxy', 'http_proxy'])('asks no proxy of %s', async (name) => {
    const { connected, listened } = await initialise({ ...IN_LAMBDA, [name]: `http://${endpoint}` });
    expect({ connected, listened }).toEqual({ connected: [], listened: [] });
    expect(requests).toBe(0);
  });

  test('comes to its end in what is bundled', async () => {
    const outfile = join(folder, 'prime.mjs');
    const plugins = [...bundleOptions.plugins];
    await build({ ...bundleOptions, plugins, entryPoints: ['src/priming/prime.ts'], outfile, minify: false });
    const program = `import(${JSON.stringify(pathToFileURL(outfile).href)}).then(({ prime }) => prime()).then(console.log)`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program], { env: {} });
    expect(stdout).toBe('true\n');
  });

  test.each([
    // Whoever asked is gone before it is answered, and before all of it is.
    "server.prependListener('stream', (stream) => stream.session.destroy())",
    "server.on('stream', (stream) => stream.on('wantTrailers', () => stream.session.destroy()))",
    "server.prependListener('session', (session) => session.destroy())",
  ])('does not end the process where %s', async (fault) => {
    const obstacle = join(folder, 'gone.cjs');
    await writeFile(
      obstacle,
      `const http2 = require('node:http2');
      const { createServer } = http2;
      http2.createServer = (...given) => { const server = createServer(...given); ${fault}; return server; };`,
    );
    const { left, stderr } = await initialise(IN_LAMBDA, ['--require', obstacle]);
    expect({ left, stderr }).toEqual({ left: [], stderr: '' });
  });

  test('that fails is no failure', async () => {
    const obstacle = join(folder, 'obstacle.cjs');
    await writeFile(obstacle, "require('node:http2').createServer = () => { throw new Error('not here'); };");
    const { connected, left, stderr } = await initialise(IN_LAMBDA, ['--require', obstacle]);
    expect({ connected, left, stderr }).toEqual({ connected: [], left: [], stderr: '' });
  });
});
