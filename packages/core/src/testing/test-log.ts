// A log that keeps what it is told, for tests to look at.

import type { Log, LogFields, LogLevel } from "../env/env.ts";

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export interface TestLog extends Log {
  readonly entries: readonly LogEntry[];
  /** The messages of one level, in order. */
  messages(level: LogLevel): readonly string[];
  /** Everything, as text: what a test searches for secrets. */
  text(): string;
}

export function createTestLog(): TestLog {
  const entries: LogEntry[] = [];
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      entries.push({ level, message, fields });
    };
  return {
    entries,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    messages: (level) => entries.filter((entry) => entry.level === level).map(({ message }) => message),
    text: () => entries.map((entry) => JSON.stringify(entry)).join("\n"),
  };
}
