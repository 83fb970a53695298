// A text as a shell takes it for one word.

/** In quotes only where it needs them. */
export const shellWord = (text: string): string =>
  /^[\w./~@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
