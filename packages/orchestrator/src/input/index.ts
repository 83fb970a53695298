export { expandInputs } from "./expand-inputs.ts";
export { expandObjects } from "./expand-objects.ts";
export { objectPattern } from "./object-pattern.ts";
export { type InputPlan, type InputRequest, planInput } from "./plan-input.ts";
export { shareInput } from "./share-input.ts";
