// Tasks, handed out one by one to whoever is free: however unlike the tasks or the workers are, nobody waits while there
// is something to do. Rank 0 hands out, the others act; a worker that is alone does both.

import type { Worker } from "fnmesh";

type Team = Pick<Worker, "rank" | "size" | "send" | "receive" | "progress">;

const tags = { task: 1, answer: 2 } as const;

/** Each worker has one task in hand and one on its way, so that it need not wait for the next. */
const tasksAhead = 2;

interface Handed<Task> {
  readonly number: number;
  readonly task: Task;
}

interface Answered<Answer> {
  readonly number: number;
  readonly answer: Answer;
}

export interface HandedOut<Answer> {
  /** In the order of the tasks. */
  readonly answers: readonly Answer[];
  /** By rank, how many tasks it did. */
  readonly doneBy: readonly number[];
}

/** `tasks` are rank 0's to give, and the answers its to have: the others return nothing. */
export async function handOut<Task, Answer>(
  team: Team,
  tasks: readonly Task[],
  act: (task: Task) => Answer | Promise<Answer>,
): Promise<HandedOut<Answer> | undefined> {
  if (team.size === 1) return await doAlone(team, tasks, act);
  if (team.rank === 0) return await lead(team, tasks);
  await follow(team, act);
  return undefined;
}

async function doAlone<Task, Answer>(
  team: Team,
  tasks: readonly Task[],
  act: (task: Task) => Answer | Promise<Answer>,
): Promise<HandedOut<Answer>> {
  const answers: Answer[] = [];
  for (const task of tasks) {
    answers.push(await act(task));
    team.progress(answers.length, tasks.length);
  }
  return { answers, doneBy: [answers.length] };
}

async function lead<Task, Answer>(team: Team, tasks: readonly Task[]): Promise<HandedOut<Answer>> {
  const book = createBook<Answer>(tasks.length, team.size);
  /** Those who have not been told that there is nothing left. */
  const waiting = new Set(Array.from({ length: team.size - 1 }, (_, index) => index + 1));
  let next = 0;

  async function give(to: number): Promise<void> {
    if (!waiting.has(to)) return;
    const number = next;
    const handed = number < tasks.length ? { number, task: tasks[number] } : null;
    if (handed === null) waiting.delete(to);
    else next += 1;
    await team.send(to, handed, { tag: tags.task });
  }

  for (let time = 0; time < tasksAhead; time++) await Promise.all([...waiting].map(give));
  while (book.missing() > 0) {
    const { from, value } = await team.receive<Answered<Answer>>({ tag: tags.answer });
    book.enter(from, value);
    team.progress(tasks.length - book.missing(), tasks.length);
    await give(from);
  }
  return book.closed();
}

async function follow<Task, Answer>({ send, receive }: Team, act: (task: Task) => Answer | Promise<Answer>) {
  for (;;) {
    const { value } = await receive<Handed<Task> | null>({ from: 0, tag: tags.task });
    if (value === null) return;
    const answer: Answered<Answer> = { number: value.number, answer: await act(value.task) };
    await send(0, answer, { tag: tags.answer });
  }
}

/** What came back, and from whom. */
function createBook<Answer>(tasks: number, workers: number) {
  const entries = new Map<number, Answer>();
  const doneBy = new Array<number>(workers).fill(0);
  return {
    missing: () => tasks - entries.size,
    enter(from: number, { number, answer }: Answered<Answer>) {
      if (entries.has(number)) throw new Error(`task ${number} was done twice`);
      entries.set(number, answer);
      doneBy[from]! += 1;
    },
    closed: () => ({ answers: Array.from({ length: tasks }, (_, number) => entries.get(number)!), doneBy }),
  };
}
