// Whose prices a run on Google's functions is billed at.

export const prices = (): "google" => "google";
