/** The longest that a timer of Node.js can wait; it would not wait at all for longer. */
const LONGEST_MS = 2 ** 31 - 1;

interface AlarmOptions {
  now: () => Date;
  /** When to ring; undefined: not before it is set again. */
  nextAt(): Date | undefined;
  ring(): void;
}

/** Rings in real time. Keeps no process alive. */
export interface Alarm {
  /** To be called when {@link AlarmOptions.nextAt} has changed. */
  set(): void;
  cancel(): void;
}

export function createAlarm({ now, nextAt, ring }: AlarmOptions): Alarm {
  let timer: NodeJS.Timeout | undefined;
  const alarm: Alarm = {
    set() {
      clearTimeout(timer);
      const next = nextAt();
      if (next === undefined) return;
      const ms = Math.max(0, next.getTime() - now().getTime());
      timer = setTimeout(rung, Math.min(ms, LONGEST_MS)).unref();
    },
    cancel: () => clearTimeout(timer),
  };
  function rung(): void {
    ring();
    alarm.set();
  }
  return alarm;
}
