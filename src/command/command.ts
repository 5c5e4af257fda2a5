import { Command, InvalidArgumentError } from 'commander';
import { describeEnvironmentError } from './environment-error.ts';

/** What is wrong is for whoever gave the command to put right: the message says how, and a stack would say nothing. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/**
 * A command of this project, which answers a wrong option in one line.
 *
 * @param line what is typed before the options, as in `npm start --`
 */
export function createCommand(line: string): Command {
  return new Command(line).configureOutput({
    // The line that proposes another option is joined to the one before.
    outputError: (text, write) =>
      write(
        `${withoutKeys(text)
          .trim()
          .replaceAll(/\s*\n\s*/g, ' ')}\n`,
      ),
  });
}

/** What somebody gave is repeated only where it is too short for a key. */
const withoutKeys = (text: string) => text.replaceAll(/[^\s'"=]{31,}/g, '…');

/** Reads an option. @throws {InvalidArgumentError} */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/**
 * Runs what a command does. A {@link CommandError}, and what is wrong with this machine, is told in one line, and the process exits
 * with 1. Any other error is a defect, and passes.
 */
export async function runCommand(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const message = error instanceof CommandError ? error.message : describeEnvironmentError(error);
    if (message === undefined) throw error;
    process.stderr.write(`error: ${message}\n`);
    process.exit(1);
  }
}
