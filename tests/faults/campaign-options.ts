import { createCommand, wholeNumber } from '../../src/command/command.ts';

/** What `npm run campaign` is told. */
export interface CampaignOptions {
  /** How many are drawn at random, of each kind. */
  schedules: number;
  seed: number;
  /** In the names of the parts that are played. */
  only: string;
  /** How many schedules are played over the wire; 0 for none. */
  wire: number;
}

const MOST_SCHEDULES = 100_000_000;

/**
 * Ends the process where an option is wrong, after a line that says so, and where help is asked for.
 *
 * @param names of all parts
 */
export function readCampaignOptions(
  args: readonly string[],
  names: readonly string[],
  command = createCommand('npm run campaign --'),
): CampaignOptions {
  const options = command
    .description(
      'Plays every mishap, every pair of them, every event, every act of others with every mishap, and schedules drawn at random; of v1 keys, of v2 keys, and of the lives of three secrets. Exits with 1 if an invariant is violated.',
    )
    .option('--schedules <number>', 'drawn at random, of each kind', wholeNumber(0, MOST_SCHEDULES), 10_000)
    .option('--seed <number>', 'of what is drawn', wholeNumber(0, 2 ** 31 - 1), Date.now() % 1_000_000)
    .option('--only <text>', 'the parts with this in their names', '')
    .option('--wire <number>', 'of schedules over the wire, with the built function', wholeNumber(0, MOST_SCHEDULES), 0)
    .addHelpText('after', `\nParts:\n${names.map((name) => `  ${name}`).join('\n')}`)
    .parse(args, { from: 'user' })
    .opts<CampaignOptions>();
  if (!names.some((name) => name.includes(options.only))) {
    command.error(`error: --only ${options.only} is in no part's name; --help lists them`);
  }
  return options;
}
