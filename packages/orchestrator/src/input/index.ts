export { expandInputs } from "./expand-inputs.ts";
export { type InputPlan, type InputRequest, planInput } from "./plan-input.ts";
export { shareInput } from "./share-input.ts";
