import type { Duration } from 'aws-cdk-lib';

/** How a message speaks of what was written: as code, or as context values. */
export interface Words {
  /** @param name a property of the construct */
  property(name: string): string;
  duration(duration: Duration): string;
}

const CODE: Words = { property: (name) => name, duration: String };

/** Something that was written cannot be meant. The message says what to write instead. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  private readonly say: (words: Words) => string;

  constructor(message: string | ((words: Words) => string)) {
    const say = typeof message === 'string' ? () => message : message;
    super(say(CODE));
    this.say = say;
  }

  /** The same, for who wrote something else than code. */
  in(words: Words): ConfigurationError {
    return new ConfigurationError(this.say(words));
  }
}
