// Drives a job's state machine: one event after the other, each effect by the one who performs it.

import type { Log } from "@fnmesh/core/internal";
import type { JobEffect, JobEvent, JobState } from "./job-events.ts";
import { stepJob } from "./job-state.ts";

export type Performers = {
  readonly [K in JobEffect["type"]]: (effect: Extract<JobEffect, { type: K }>) => void;
};

export interface JobMachineOptions {
  readonly initial: JobState;
  readonly performers: Performers;
  readonly log: Log;
  /** After each event, with all that followed from it. */
  readonly onStep: () => void;
}

export class JobMachine {
  readonly #options: JobMachineOptions;
  readonly #events: JobEvent[] = [];
  #state: JobState;
  #stepping = false;

  constructor(options: JobMachineOptions) {
    this.#options = options;
    this.#state = options.initial;
  }

  get state(): JobState {
    return this.#state;
  }

  dispatch(event: JobEvent): void {
    this.#events.push(event);
    // An effect that makes the next event happens inside a step: the event has to wait for its turn.
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      const [state, effects] = stepJob(this.#state, next);
      this.#state = state;
      for (const effect of effects) this.#perform(effect);
    }
    this.#stepping = false;
    this.#options.onStep();
  }

  /** What fails here is a defect; the rest must be done all the same, or the job would never end. */
  #perform(effect: JobEffect): void {
    try {
      (this.#options.performers[effect.type] as (effect: JobEffect) => void)(effect);
    } catch (error) {
      const detail = error instanceof Error ? error.stack : String(error);
      this.#options.log.error("a step of a job failed", { step: effect.type, detail });
    }
  }
}
