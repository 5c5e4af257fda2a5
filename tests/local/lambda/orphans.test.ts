import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, onTestFinished, test } from 'vitest';
import { FOREVER, folderForTest } from './function.ts';

describe('a sandbox does not outlive its parent', () => {
  /** Starts a process that invokes a function, and resolves when the function is in the middle of it. */
  async function startParent(rest: string) {
    // The sandbox holds a connection to here for as long as it lives.
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const taskRoot = await folderForTest({
      'index.mjs': `import { once } from 'node:events';
        import { connect } from 'node:net';
        export const handler = async () => {
          await once(connect(${port}, '127.0.0.1'), 'connect');
          console.log('connected');
          ${rest}
        };`,
    });
    const connection = once(server, 'connection');
    const parent = spawn(
      process.execPath,
      ['--import=tsx', '--input-type=module', '--eval', PARENT, join(import.meta.dirname, LAMBDA), taskRoot],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: taskRoot } },
    );
    onTestFinished(() => void parent.kill('SIGKILL'));
    await once(parent.stdout, 'data');
    const [socket] = (await connection) as [Socket];
    return { parent, ended: once(socket.resume(), 'close') };
  }

  const LAMBDA = '../../../src/local/lambda/lambda.ts';
  const PARENT = `
    const [file, taskRoot] = process.argv.slice(1);
    const { startLambda } = await import(file);
    const onLog = (line) => process.stdout.write(line);
    const lambda = await startLambda({ taskRoot, functionName: 'function', timeoutMs: 600_000, environment: {}, onLog });
    process.stdin.once('data', () => process.exit());
    await lambda.invoke({});`;

  test('that is killed', async () => {
    const { parent, ended } = await startParent(`await ${FOREVER};`);
    parent.kill('SIGKILL');
    await ended;
  });

  test('that exits, even if the handler never yields', async () => {
    const { parent, ended } = await startParent('for (;;);');
    parent.stdin.write('exit');
    await ended;
  });
});
