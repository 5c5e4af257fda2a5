import type { Plugin } from 'esbuild';

/**
 * What is imported along with what the function uses, and never runs in it. Each is the beginning of the path
 * of a file, or of several, in a package; what is used all the same throws an error that names it.
 */
const LEFT_OUT = [
  // Momento's other services.
  '@gomomento/generated-types/dist/cacheping.js',
  '@gomomento/generated-types/dist/cachepubsub.js',
  '@gomomento/generated-types/dist/function.js',
  '@gomomento/generated-types/dist/function_types.js',
  '@gomomento/generated-types/dist/leaderboard.js',
  '@gomomento/generated-types/dist/permissionmessages.js',
  '@gomomento/generated-types/dist/webhook.js',
  '@gomomento/sdk/dist/src/batchutils/',
  '@gomomento/sdk/dist/src/config/function-configurations.js',
  '@gomomento/sdk/dist/src/config/leaderboard-configurations.js',
  '@gomomento/sdk/dist/src/config/topic-configurations.js',
  '@gomomento/sdk/dist/src/config/topic-configuration.js',
  '@gomomento/sdk/dist/src/config/transport/topics/',
  '@gomomento/sdk/dist/src/preview-function-client.js',
  '@gomomento/sdk/dist/src/preview-leaderboard-client.js',
  '@gomomento/sdk/dist/src/topic-client.js',
  // Answers to what is never asked.
  ...[
    'cache-batch-',
    'cache-delete',
    'cache-dictionary-',
    'cache-flush',
    'cache-get-with-hash',
    'cache-increment',
    'cache-item-',
    'cache-key',
    'cache-list-',
    'cache-set',
    'cache-sorted-set-',
    'cache-ttl-',
    'create-cache',
    'delete-cache',
    'function/',
    'leaderboard/',
    'list-caches',
    'topic-',
    'webhook/',
  ].map((answer) => `@gomomento/sdk-core/dist/src/messages/responses/${answer}`),
  // What the SDK can do with its requests if it is asked to.
  '@gomomento/sdk/dist/src/config/middleware/cache-request-logging.js',
  '@gomomento/sdk/dist/src/config/middleware/example-async-middleware.js',
  '@gomomento/sdk/dist/src/config/middleware/experimental-active-request-count-middleware.js',
  '@gomomento/sdk/dist/src/config/middleware/experimental-event-loop-perf-middleware.js',
  '@gomomento/sdk/dist/src/config/middleware/experimental-garbage-collection-middleware.js',
  '@gomomento/sdk/dist/src/config/middleware/experimental-metrics-csv-middleware.js',
  '@gomomento/sdk/dist/src/config/middleware/experimental-metrics-logging-middleware.js',
  '@gomomento/sdk/dist/src/config/middleware/experimental-middleware-factory.js',
  '@gomomento/sdk/dist/src/config/middleware/request-logging-middleware.js',
  '@gomomento/sdk/dist/src/internal/vendor/printf/',
  // gRPC's other half, and its inspection by gRPC.
  '@grpc/grpc-js/build/src/server.js',
  '@grpc/grpc-js/build/src/server-credentials.js',
  '@grpc/grpc-js/build/src/server-interceptors.js',
  '@grpc/proto-loader/',
  // Secrets Manager has none.
  '@smithy/core/dist-es/submodules/event-streams/',
];

export const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad, onEnd }) {
    const met = new Set<string>();
    onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => {
      const [file = ''] = path.replaceAll('\\', '/').split('/node_modules/').slice(-1);
      const entry = LEFT_OUT.find((beginning) => file.startsWith(beginning));
      if (entry === undefined) return undefined;
      met.add(entry);
      return { contents: missing(file) };
    });
    // Another release of a package may have it elsewhere.
    onEnd(() => ({
      errors: LEFT_OUT.filter((entry) => !met.has(entry)).map((entry) => ({
        text: `There is no ${entry} to leave out.`,
      })),
    }));
  },
};

/** Others may take it, pass it on, and ask what it exports (nothing), but not take anything from it. */
function missing(file: string): string {
  const message = `${file} is left out of this bundle`;
  return `module.exports = new Proxy({}, {
    get(_, name) {
      if (name === '__esModule') return true;
      throw new Error(${JSON.stringify(message)});
    },
  });`;
}
