import { type Command, Option } from 'commander';
import { wholeNumber } from '../../../src/command/command.ts';
import { SPREADS, type Switches } from './switches.ts';

/** What `--fleet` is told, besides how many secrets. */
export interface FleetCommandOptions extends Switches {
  fleet?: number;
  seed: number;
}

const number = (least: number) => wholeNumber(least, 99_999);

/** Adds the options of a fleet to a command. */
export function withFleetOptions(command: Command): Command {
  return command
    .option('--fleet <number>', 'the rotations of so many secrets that are due in one window, instead', number(1))
    .addOption(
      new Option('--spread <how>', 'of a fleet: how Secrets Manager spreads them').choices(SPREADS).default('at-once'),
    )
    .option('--window <minutes>', 'of a fleet: the rotation window', number(1), 60)
    .option('--retry-pause <seconds>', 'of a fleet: when a rotation that failed is tried again', number(1), 60)
    .option('--retry-growth <times>', 'of a fleet: how many times as long each further pause is', number(1), 2)
    .option('--retry-most <seconds>', 'of a fleet: the longest pause', number(1), 3600)
    .option('--retry-jitter <percent>', 'of a fleet: how much of a pause is drawn', wholeNumber(0, 100), 50)
    .option('--seed <number>', 'of a fleet: what all that is drawn is drawn from', number(0), 1);
}
