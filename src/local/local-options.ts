import { createCommand, wholeNumber } from '../command/command.ts';

/** What `npm run local` is told. */
export interface LocalOptions {
  /** Of Secrets Manager. */
  port: number;
  /** Of Momento. */
  momentoPort: number;
  /** Of the HTTP API of Momento's v2 keys. */
  apiKeysPort: number;
  /** In seconds. */
  retryAfter: number;
  /** In seconds. Undefined: there is no secret with a v2 key. */
  overlap?: number;
  verbose?: boolean;
}

const DAY_SECONDS = 86_400;

/** Ends the process where an option is wrong, after a line that says so, and where help is asked for. */
export function readLocalOptions(args: readonly string[], command = createCommand('npm run local --')): LocalOptions {
  const port = wholeNumber(0, 65_535);
  return command
    .description(
      'Runs a local Secrets Manager and a local Momento, with a secret that rotates, until it is stopped. All of it listens on 127.0.0.1 only; port 0 is any that is free.',
    )
    .option('--port <number>', 'of Secrets Manager', port, 4599)
    .option('--momento-port <number>', 'of Momento', port, 4600)
    .option('--api-keys-port <number>', "of the HTTP API of Momento's v2 keys", port, 4601)
    .option('--retry-after <seconds>', 'until a rotation that failed is tried again', wholeNumber(0, DAY_SECONDS), 15)
    .option(
      '--overlap <seconds>',
      'have a secret with a v2 key as well: its superseded keys are revoked on schedule, once to twice that long after a rotation',
      wholeNumber(1, DAY_SECONDS),
    )
    .option(
      '--verbose',
      "show each call, each step that succeeds, and the function's log lines; failures are always shown",
    )
    .parse(args, { from: 'user' })
    .opts<LocalOptions>();
}

/** The ports, by the options that choose them. */
export function portOptions({ port, momentoPort, apiKeysPort }: LocalOptions): Record<string, number> {
  return { '--port': port, '--momento-port': momentoPort, '--api-keys-port': apiKeysPort };
}
