// Figures as people read them: bytes in decimal units, times with the unit that fits, numbers in groups.

const byteUnits = ["B", "kB", "MB", "GB", "TB"] as const;

/** `formatBytes(12_345_678)` is `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 of one unit would round to "1000": it is 1.0 of the next.
  while (value >= 999.95 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(value < 99.95 ? 1 : 0)} ${byteUnits[unit]}`;
}

/** `formatMs(1234)` is `1.2 s`, `formatMs(75_000)` is `1 min 15 s`. */
export function formatMs(ms: number): string {
  if (ms < 99.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** `formatMoney(0.00214)` is `$0.0021`, `formatMoney(12.345)` is `$12.35`. Amounts are in US dollars. */
export function formatMoney(amount: number): string {
  if (amount === 0) return "$0";
  if (amount < 1e-6) return "below $0.000001";
  // Two digits that count: a run is cheap, and cents would show nothing.
  return `$${amount < 0.995 ? amount.toPrecision(2) : amount.toFixed(2)}`;
}

/** `formatCount(8128)` is `8,128`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `plural(1, "worker")` is `1 worker`, `plural(3, "worker")` is `3 workers`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
