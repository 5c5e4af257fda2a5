import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Takes AWS credentials from the environment, where Lambda puts them (developer guide, "Defined runtime environment
 * variables"), and leaves out the other places in which the SDK would look for them: profiles, single sign-on, web
 * identities, processes, instance metadata.
 */
export const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === environmentCredentials) return undefined;
      const replaced = await resolve(path, { ...from, pluginData: environmentCredentials });
      return { path: replaced.path, namespace: 'environment-credentials', pluginData: replaced.path };
    });
    onLoad({ filter: /.*/, namespace: 'environment-credentials' }, ({ path }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: dirname(path),
    }));
  },
};
