// What the two kinds of shaping proxies have in common.

export interface ProxyAddress {
  /** Where the proxy listens; port 0 or none: any. */
  readonly host: string;
  readonly port?: number;
  /** The real server behind it. */
  readonly target: { readonly host: string; readonly port: number };
}

export interface ShapingProxy {
  readonly port: number;
  /** What has passed so far. */
  counts(): Readonly<Record<string, number>>;
  /** Ends all connections. May be called twice. */
  close(): Promise<void>;
}
