// Who may speak to the API. Two checks, before anything of a request is read: the bearer token, and that no web page
// of another site speaks through its visitor's browser (which could reach an API on loopback that has no token).

import { createHash, timingSafeEqual } from "node:crypto";
import { FnmeshError } from "@fnmesh/core";
import { HttpError } from "./http-error.ts";

/** 16 characters of base64 are 96 bits: not to be guessed over a network. */
export const leastTokenCharacters = 16;

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/** Throws USAGE for a token that protects nothing, and for an open address without one. */
export function checkToken(host: string, token: string | undefined): void {
  const make = "Make one with `openssl rand -base64 24`.";
  if (token !== undefined && token.length < leastTokenCharacters) {
    throw new FnmeshError("USAGE", `the API token is shorter than ${leastTokenCharacters} characters`, {
      hint: make,
    });
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new FnmeshError("USAGE", "the API token holds characters that a header cannot carry", {
      hint: make,
    });
  }
  if (token === undefined && !isLoopback(host)) {
    throw new FnmeshError("USAGE", `the API may not listen on ${host} without a token`, {
      hint: `Give a token of at least ${leastTokenCharacters} characters, or listen on 127.0.0.1. ${make}`,
    });
  }
}

/** Throws USAGE for an open address in the clear: whoever sees the token on its way can run code here. */
export function checkTransport(
  host: string,
  { tls, insecure }: { readonly tls: boolean; readonly insecure: boolean },
): void {
  if (tls || insecure || isLoopback(host)) return;
  throw new FnmeshError("USAGE", `the API may not listen on ${host} without TLS`, {
    hint:
      "Give it a certificate and a key (--tls-cert, --tls-key), let it listen on 127.0.0.1 (--api-host), or allow it " +
      "in the clear (--insecure) where the network is yours.",
  });
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Whether an `Authorization` header carries the token. Takes the same time however much of it is right. */
export function tokenCheck(token: string): (authorization: string | undefined) => boolean {
  // Digests have one length, so the comparison says nothing of the token's.
  const expected = digest(token);
  return (authorization) => {
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

export interface RequestOrigin {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

const nameOf = (hostHeader: string): string =>
  hostHeader
    .replace(/:\d{1,5}$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();

const originHost = (origin: string): string | undefined => {
  try {
    return new URL(origin).host;
  } catch {
    // "null" and rubbish are no origin of ours.
    return undefined;
  }
};

/**
 * Why a request is refused as one of a foreign web page, or undefined when it is not. A name that an attacker makes
 * point at 127.0.0.1 (DNS rebinding) shows in Host; another site shows in Origin or Sec-Fetch-Site, which browsers
 * set and pages cannot.
 */
export function foreignReason(boundHost: string, request: RequestOrigin): string | undefined {
  const { host = "", origin, fetchSite } = request;
  if (isLoopback(boundHost) && !isLoopback(nameOf(host))) return "its Host header is not a loopback name";
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") {
    return "it comes from another site";
  }
  if (origin !== undefined && originHost(origin) !== host.toLowerCase()) return "its Origin is another site";
  return undefined;
}

export const unauthorized = (): HttpError =>
  new HttpError("AUTH", "a valid token is needed", {
    hint: "Send the header `Authorization: Bearer TOKEN`.",
    headers: { "WWW-Authenticate": 'Bearer realm="fnmesh"' },
  });
