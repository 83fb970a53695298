// Several sorted sequences as one: a binary heap of their heads.

interface Head<T> {
  value: T;
  readonly order: number;
  readonly rest: Iterator<T>;
}

/** Equal values come in the order of the sequences that they are from. */
export function* mergeSorted<T>(
  sequences: readonly Iterable<T>[],
  compare: (left: T, right: T) => number,
): Generator<T> {
  const heap: Head<T>[] = [];
  const before = (left: Head<T>, right: Head<T>): boolean => {
    const order = compare(left.value, right.value);
    return order < 0 || (order === 0 && left.order < right.order);
  };
  for (const [order, sequence] of sequences.entries()) {
    const rest = sequence[Symbol.iterator]();
    const first = rest.next();
    if (!first.done) heap.push({ value: first.value, order, rest });
  }
  for (let at = (heap.length >> 1) - 1; at >= 0; at -= 1) sink(heap, at, before);
  while (heap.length > 0) {
    const least = heap[0]!;
    yield least.value;
    const next = least.rest.next();
    if (!next.done) least.value = next.value;
    else {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      if (last !== least) heap[0] = last;
    }
    sink(heap, 0, before);
  }
}

/** Moves one down until both below it are greater. */
function sink<T>(heap: T[], from: number, before: (left: T, right: T) => boolean): void {
  const moved = heap[from]!;
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (!before(heap[child]!, moved)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moved;
}
