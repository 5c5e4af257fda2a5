import picocolors from 'picocolors';
import wrapAnsi from 'wrap-ansi';

/** Where the rehearsal is shown: wrapped, with colours and a line that moves on a terminal, plain and whole lines elsewhere. */
export interface Screen {
  heading(text: string): void;
  /** A line of text, indented. */
  line(text?: string): void;
  /** A line to be copied, which is never broken. */
  command(text: string): void;
  /** Something that went well, went wrong, or is worth knowing. */
  good(text: string): void;
  bad(text: string): void;
  note(text: string): void;
  /** Something that is under way. On a terminal, it tells for how long, until the next line but of a log takes its place. */
  underWay(text: string): void;
  /** What goes with the line before. */
  detail(text: string): void;
  /** A line that the function logged. It is never broken. */
  log(text: string): void;
}

/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;
/** A narrower one breaks lines itself. */
const LEAST_COLUMNS = 30;

export function createScreen(out: NodeJS.WriteStream): Screen {
  const isTerminal = out.isTTY === true && process.env['TERM'] !== 'dumb';
  const { bold, green, red, yellow, dim } = picocolors.createColors(isTerminal && picocolors.isColorSupported);
  // Whoever reads may stop reading, as `head` does, or be gone, as a closed terminal. What is under way goes on all the same.
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
  let waiting: { show(): void; timer: NodeJS.Timeout } | undefined;
  const clear = () => {
    if (waiting) out.write('\r\u001b[2K');
  };
  const write = (text: string) => {
    clear();
    clearInterval(waiting?.timer);
    waiting = undefined;
    out.write(text);
  };
  /** To what is left of a line behind so many columns. Further lines are indented by two more. */
  const wrap = (text: string, indent: number) => {
    const columns = (out.columns || USUAL_COLUMNS) - indent - 2;
    if (!isTerminal || columns < LEAST_COLUMNS) return text;
    const [first = '', ...others] = wrapAnsi(text, columns, { trim: false }).split('\n');
    return [first.trimEnd(), ...others.map((line) => ' '.repeat(indent + 2) + line.trim())].join('\n');
  };
  return {
    heading: (text) => write(`\n${bold(wrap(text, 0))}\n`),
    line: (text = '') => write(text === '' ? '\n' : `  ${wrap(text, 2)}\n`),
    command: (text) => write(`  ${text}\n`),
    good: (text) => write(`  ${green('✔')} ${wrap(text, 4)}\n`),
    bad: (text) => write(`  ${red('✖')} ${wrap(text, 4)}\n`),
    note: (text) => write(`  ${yellow('→')} ${wrap(text, 4)}\n`),
    underWay(text) {
      if (!isTerminal) return;
      write('');
      const since = Date.now();
      const show = () => {
        const seconds = Math.floor((Date.now() - since) / 1000);
        out.write(`\r\u001b[2K  ${dim(`… ${text}${seconds > 0 ? `  ${seconds} s` : ''}`)}`);
      };
      show();
      waiting = { show, timer: setInterval(show, 1000).unref() };
    },
    detail: (text) => write(`    ${dim(wrap(text, 4))}\n`),
    log(text) {
      clear();
      out.write(`  ${dim(`│ ${text}`)}\n`);
      waiting?.show();
    },
  };
}
