// What is measured in which setting: values, how often, and how slow time goes. Pure.

import type { SettingName } from "../lib/options.ts";
import { type Collective, nothing, type Size, sizes } from "./figures.ts";

/** What is measured in one place, with one job. */
export interface Stage {
  /** Of values; operations in a turn by the size's name. */
  readonly sizes: readonly (Size | typeof nothing)[];
  readonly counts: Readonly<Record<string, number>>;
  readonly dilation: number;
  /** Of what is compared, and of the single algorithms. */
  readonly repetitions: { readonly compared: number; readonly single: number };
  /** Single algorithms that are not measured. */
  readonly except: readonly string[];
  /** In the turn that does not count, values have a part of their bytes: it is the connections and the code that count. */
  readonly warmUpPart: number;
  /** And so many times as many operations of small ones. */
  readonly warmUpTimes: number;
}

export const sizesIn = ({ sizes }: Stage, collective: Collective) =>
  sizes.filter(({ bytes }) => (bytes === 0) === (collective === "barrier"));

export interface StageOptions {
  readonly setting: SettingName;
  readonly repetitions?: number | undefined;
  /** Instead of each stage's own. */
  readonly dilation?: number | undefined;
}

const localRepetitions = 7;
/** As long as turns take some tens of milliseconds. */
const localCounts = { [nothing.name]: 40, "64B": 40, "64KiB": 8, "4MiB": 1 };

/**
 * What brings the workers together warms the naive way's code up, and only that; so the first turn is longer. A short run
 * warms up for a shorter time.
 */
const warmUpTimes = (repetitions: number): number => Math.min(40, 4 * repetitions);

function localStages({ repetitions = localRepetitions }: StageOptions): readonly Stage[] {
  return [
    {
      sizes: [nothing, ...sizes],
      counts: localCounts,
      dilation: 1,
      repetitions: { compared: repetitions, single: repetitions },
      except: [],
      warmUpPart: 1,
      warmUpTimes: warmUpTimes(repetitions),
    },
  ];
}

const cloudRepetitions = 3;

/**
 * The smaller the values, the more of an operation's time is the processors', which are not dilated: so time is the
 * slower. Large ones are all link: the naive ways of 4 MiB take 50 s of a function's time, so they are measured once.
 */
const cloudStages = ({ repetitions = cloudRepetitions, dilation }: StageOptions): readonly Stage[] => {
  const repeated = { compared: repetitions, single: 1 };
  const [small, medium, large] = sizes;
  const stages: readonly Stage[] = [
    {
      sizes: [nothing, small],
      counts: { [nothing.name]: 8, [small.name]: 8 },
      dilation: 32,
      repetitions: repeated,
      except: [],
      warmUpPart: 1,
      warmUpTimes: warmUpTimes(repetitions),
    },
    {
      sizes: [medium],
      counts: { [medium.name]: 1 },
      dilation: 8,
      repetitions: repeated,
      except: [],
      warmUpPart: 1 / 4,
      warmUpTimes: 1,
    },
    {
      sizes: [large],
      counts: { [large.name]: 1 },
      dilation: 3,
      repetitions: { compared: 1, single: 1 },
      // Through rank 0 with everything: a minute each, and what the naive way shows.
      except: ["central", "bundle"],
      warmUpPart: 1 / 64,
      warmUpTimes: 1,
    },
  ];
  return stages.map((stage) => ({ ...stage, dilation: dilation ?? stage.dilation }));
};

export const stagesOf = (options: StageOptions): readonly Stage[] =>
  options.setting === "cloud" ? cloudStages(options) : localStages(options);
