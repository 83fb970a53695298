// So many at once, the others wait their turn.

export interface Slots {
  run<T>(body: () => Promise<T>): Promise<T>;
}

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  const take = async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  // A slot that is given back goes to the next in the queue at once, so nobody can overtake.
  const give = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async run(body) {
      await take();
      try {
        return await body();
      } finally {
        give();
      }
    },
  };
}
