import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from './configuration-error.ts';

/**
 * The folder that is deployed: `dist/lambda`, with `index.mjs` in it, as `npm run build` writes it and the package ships it.
 *
 * @param moduleUrl where this module is: in `infra/` of a clone, or compiled in `dist/infra/` of the package
 * @throws ConfigurationError if the function was not built
 */
export function bundleFolder(moduleUrl = import.meta.url): string {
  const folder = fileURLToPath(new URL(moduleUrl.endsWith('.ts') ? '../dist/lambda' : '../lambda', moduleUrl));
  if (!existsSync(join(folder, 'index.mjs'))) {
    throw new ConfigurationError(
      `The function is not built: there is no ${join(folder, 'index.mjs')}. Run \`npm run build\` first.`,
    );
  }
  return folder;
}
