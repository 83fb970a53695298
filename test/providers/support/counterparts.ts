// Platforms' own runtimes that scripts/lib/counterparts.mjs installs: where they are on this machine.

const script = new URL("../../../scripts/lib/counterparts.mjs", import.meta.url).href;

/** The folder with a `node_modules`; undefined, and a line that says so, where it is not installed. */
export async function installedCounterpart(name: string): Promise<string | undefined> {
  const { counterpartFolder } = (await import(script)) as {
    counterpartFolder: (name: string) => string | undefined;
  };
  const folder = counterpartFolder(name);
  if (folder === undefined)
    console.warn(`${name} is not installed, so it is not tested: node scripts/lib/counterparts.mjs`);
  return folder;
}
