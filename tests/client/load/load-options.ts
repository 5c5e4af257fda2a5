import { createCommand, wholeNumber } from '../../../src/command/command.ts';
import { scenarios } from './scenarios.ts';

/** What `npm run load` is told. */
export interface LoadOptions {
  /** Requests a second. */
  rate: number;
  /** Of the first scenario; the others have less. */
  rotations: number;
  /** How many there are in one process, after the scenarios; 0 for none. */
  soak: number;
  /** In the names of what is run. */
  scenario: string;
}

/** The name of what comes after the scenarios. */
export const SOAK = 'rotations in one process';

/** Ends the process where an option is wrong, after a line that says so, and where help is asked for. */
export function readLoadOptions(args: readonly string[], command = createCommand('npm run load --')): LoadOptions {
  const names = [...scenarios.map(({ name }) => name), SOAK];
  const options = command
    .description('Shows what an application sees of rotations at a steady rate of requests, and after many of them.')
    .option('--rate <number>', 'requests a second', wholeNumber(1, 100_000), 1000)
    .option('--rotations <number>', 'of the first scenario; the others have less', wholeNumber(1, 100_000), 20)
    .option('--scenario <text>', 'only what has this in its name', '')
    .option('--soak <number>', `how many ${SOAK}, after the scenarios; 0 for none`, wholeNumber(0, 100_000), 500)
    .addHelpText('after', `\nScenarios:\n${names.map((name) => `  ${name}`).join('\n')}`)
    .parse(args, { from: 'user' })
    .opts<LoadOptions>();
  if (!names.some((name) => name.includes(options.scenario))) {
    command.error(`error: --scenario ${options.scenario} is in no scenario's name; --help lists them`);
  }
  return options;
}
