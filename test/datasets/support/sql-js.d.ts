// sql.js has no types of its own: the part of it that is used.
declare module "sql.js" {
  interface Statement {
    run(values: readonly unknown[]): void;
    free(): void;
  }
  export class Database {
    run(sql: string): unknown;
    prepare(sql: string): Statement;
    exec(sql: string): readonly { readonly values: readonly (readonly unknown[])[] }[];
    close(): void;
  }
  export default function initSqlJs(): Promise<{ readonly Database: typeof Database }>;
}
