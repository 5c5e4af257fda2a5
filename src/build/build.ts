import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runCommand } from '../command/command.ts';
import { bundleFunction } from './bundle.ts';
import { bundleClient } from './bundle-client.ts';

/** Writes the function as it is deployed, and what applications import. */

await runCommand(async () => {
  await write('dist/lambda/index.mjs', await bundleFunction());
  await write('dist/client/index.js', await bundleClient());
});

/** Beside the folder, and then moved into it: whoever uses the file at that moment sees the old one or the new one. */
async function write(file: string, text: string): Promise<void> {
  const unfinished = `dist/unfinished-${process.pid}.mjs`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(unfinished, text);
  await rename(unfinished, file);
}
