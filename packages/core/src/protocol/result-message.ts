// What a job's function returned, on its way to the report.

import * as is from "./shape.ts";

/** Deeper results are refused: JSON.stringify, which every report goes through, recurses. */
export const mostResultDepth = 500;

export const result = is.object({ value: is.json(mostResultDepth) });
