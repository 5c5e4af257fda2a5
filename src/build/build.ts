import { mkdir, rename, writeFile } from 'node:fs/promises';
import { bundleFunction } from './bundle.ts';

/** Writes the function as it is deployed. */

const FOLDER = 'dist/lambda';

/** Beside the folder, and then moved into it: whoever runs the function at that moment sees the old one or the new one. */
const unfinished = `dist/unfinished-${process.pid}.mjs`;

await mkdir(FOLDER, { recursive: true });
await writeFile(unfinished, await bundleFunction());
await rename(unfinished, `${FOLDER}/index.mjs`);
