// Rows as jobs have them, by number: what word counts, tables, events and points look like.

export const shapes: Readonly<Record<string, (_: unknown, index: number) => unknown>> = {
  /** Of a word count. */
  counts: (_, index) => [`word${(index * 7919) % 5000}`, 1 + (index % 30)],
  /** A line of an order, as TPC-H has it. */
  orders: (_, index) => ({
    ...{
      order: index,
      part: (index * 7) % 200_000,
      quantity: index % 50,
      price: index * 1.25,
      flag: "NRA"[index % 3],
    },
    ...{
      shipped: new Date(694_224_000_000 + index * 86_400_000),
      comment: `carefully bold packages ${index}`,
    },
  }),
  /** Of a log, with lists of different lengths in it. */
  events: (_, index) => ({
    user: { id: index, tags: ["mobile", `cohort-${index % 10}`].slice(index % 3) },
    visits: Array.from({ length: index % 4 }, (_none, visit) => ({ at: index + visit, ms: index / 7 })),
  }),
  points: (_, index) => [Math.sin(index), Math.cos(index), index / 3],
};
