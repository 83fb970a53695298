// Command lines that are passed on: what the person gave, completed by what is preset.

/** What the person gave stands; the rest is as preset. */
export function withPresets(given, presets) {
  const missing = Object.entries(presets).filter(([name]) => optionValue(given, name) === undefined);
  return [...given, ...missing.flat()];
}

/** Of `--name value` or `--name=value`; undefined where it is not given. */
export function optionValue(options, name) {
  const inline = options.find((option) => option.startsWith(`${name}=`));
  if (inline !== undefined) return inline.slice(name.length + 1);
  const index = options.indexOf(name);
  return index === -1 ? undefined : options[index + 1];
}
