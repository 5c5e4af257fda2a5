import picocolors from 'picocolors';

/** Where the rehearsal is shown: with colours and a line that moves on a terminal, plain lines elsewhere. */
export interface Screen {
  heading(text: string): void;
  /** A line of text, indented. */
  line(text?: string): void;
  /** Something that went well, went wrong, or is worth knowing. */
  good(text: string): void;
  bad(text: string): void;
  note(text: string): void;
  /** Something that is under way. On a terminal, the next line takes its place. */
  underWay(text: string): void;
  /** What goes with the line before. */
  detail(text: string): void;
  /** A line that the function logged. */
  log(text: string): void;
}

export function createScreen(out: NodeJS.WriteStream): Screen {
  const isTerminal = out.isTTY === true && process.env['TERM'] !== 'dumb';
  const { bold, green, red, yellow, dim } = picocolors.createColors(isTerminal && picocolors.isColorSupported);
  // Whoever reads may stop reading, as `head` does. What is under way goes on all the same.
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  let unfinished = false;
  const write = (text: string) => {
    out.write(`${unfinished ? '\r\u001b[2K' : ''}${text}`);
    unfinished = false;
  };
  return {
    heading: (text) => write(`\n${bold(text)}\n`),
    line: (text = '') => write(text === '' ? '\n' : `  ${text}\n`),
    good: (text) => write(`  ${green('✔')} ${text}\n`),
    bad: (text) => write(`  ${red('✖')} ${text}\n`),
    note: (text) => write(`  ${yellow('→')} ${text}\n`),
    underWay(text) {
      if (!isTerminal) return;
      write(`  ${dim(`… ${text}`)}`);
      unfinished = true;
    },
    detail: (text) => write(`    ${dim(text)}\n`),
    log: (text) => write(`  ${dim(`│ ${text}`)}\n`),
  };
}
