import { build } from 'esbuild';

/**
 * Bundles what applications import: one file, which loads in less time than its modules, beside the packages that an
 * application has itself.
 */
export async function bundleClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    write: false,
    logLevel: 'warning',
  });
  return outputFiles.map(({ text }) => text).join('');
}
