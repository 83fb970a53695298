// Whose prices a run on Code Engine is billed at.

export const prices = (): "ibm" => "ibm";
