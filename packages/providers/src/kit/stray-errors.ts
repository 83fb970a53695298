// A promise that nobody awaits, a listener that throws: the job is broken, but it can still say how. Platforms' own
// runtimes listen for such errors too and end the container at once, before anybody is told of the error itself. So
// while an invocation runs, theirs are set aside; what the job's code has added meanwhile goes with it.

const events = ["uncaughtException", "unhandledRejection"] as const;
type Listeners = ReturnType<typeof process.rawListeners>;

export interface StrayWatch {
  /** Rejects with the first stray error from now on. */
  readonly thrown: Promise<never>;
  /** May be called twice. */
  close(): void;
}

export interface StrayErrors {
  /** One for each invocation. Nobody knows whose a stray error is: all that run at the moment are told. */
  watch(): StrayWatch;
}

/** One for each process. */
export function strayErrors(): StrayErrors {
  const running = new Set<(thrown: unknown) => void>();
  let aside: readonly Listeners[] = [];
  const onStray = (thrown: unknown) => {
    for (const tell of running) tell(thrown);
  };

  const takeOver = () => {
    aside = events.map((event) => process.rawListeners(event));
    for (const event of events) process.removeAllListeners(event).on(event, onStray);
  };
  const giveBack = () => {
    events.forEach((event, index) => {
      process.removeAllListeners(event);
      for (const listener of aside[index]!) process.on(event, listener as () => void);
    });
  };

  return {
    watch() {
      if (running.size === 0) takeOver();
      let tell!: (thrown: unknown) => void;
      const thrown = new Promise<never>((_, reject) => {
        tell = reject;
      });
      thrown.catch(() => {}); // Only those who wait for it.
      running.add(tell);
      return {
        thrown,
        close() {
          if (running.delete(tell) && running.size === 0) giveBack();
        },
      };
    },
  };
}
