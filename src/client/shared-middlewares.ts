import type { Configuration } from '@gomomento/sdk';

type Middleware = ReturnType<Configuration['getMiddlewares']>[number];

/**
 * An application's middlewares, for a succession of clients. The SDK starts them with each client and ends them when it is
 * closed (`CacheClient`), but they are the same objects for all: the end of the first would be the end of them. So they are
 * started here, once, by `init`, and ended by `close`.
 */
export function shareMiddlewares(middlewares: readonly Middleware[]): {
  shared: Middleware[];
  init(): void;
  close(): void;
} {
  return {
    shared: middlewares.map((middleware) => ({
      onNewRequest: (context) => middleware.onNewRequest(context),
      shouldLoadLate: middleware.shouldLoadLate ?? false,
    })),
    init() {
      for (const middleware of middlewares) middleware.init?.();
    },
    close() {
      for (const middleware of middlewares) middleware.close?.();
    },
  };
}
