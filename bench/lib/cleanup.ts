// What is opened is closed, in the reverse order, however the body ends.

export type Defer = (close: () => Promise<void> | void) => void;

export async function withCleanup<T>(body: (defer: Defer) => Promise<T>): Promise<T> {
  const closers: (() => Promise<void> | void)[] = [];
  try {
    return await body((close) => closers.push(close));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
