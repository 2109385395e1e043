import { EverytickError, kindOf } from "../errors.ts";

/** What of a request says who sends it and what for. */
export interface Asked {
  readonly method: string;
  /** Of each header Host; there must be one. */
  readonly hosts: readonly string[];
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
}

/** Names by which this machine reaches itself. */
export const loopbackNames = ["localhost", "127.0.0.1", "[::1]"] as const;

/**
 * Refuses what a page of another site could send through the browser of the user: requests by a name that was made to lead
 * here (DNS rebinding), and requests in the name of another origin. There are no tokens yet, so this is what stands between
 * any page of the web and the recordings on this machine.
 */
export class Guard {
  readonly #names: ReadonlySet<string>;
  readonly #anyAddress: boolean;

  /**
   * @param names hosts that are trusted, without ports.
   * @param anyAddress whether an address in figures is trusted, too: nobody can make one lead elsewhere.
   */
  constructor(names: readonly string[], anyAddress: boolean) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
    this.#anyAddress = anyAddress;
  }

  /** @throws API_HOST, API_METHOD, API_REQUEST */
  check({ method, hosts, headers }: Asked): void {
    const [host, second] = hosts;
    if (host === undefined || second !== undefined || !this.#isTrusted(host)) {
      throw this.#foreignHost(hosts);
    }
    const origin = headers["origin"];
    if (origin !== undefined && !this.#isOwn(origin, host)) throw foreignOrigin(String(origin));
    if (isForeignFetch(headers))
      throw foreignOrigin(`a request that is ${headers["sec-fetch-site"] as string}`);
    if (method !== "GET" && method !== "HEAD") {
      throw new EverytickError("API_METHOD", { expected: "GET or HEAD", found: method });
    }
    if (
      headers["transfer-encoding"] !== undefined ||
      Number(headers["content-length"] ?? 0) !== 0
    ) {
      throw new EverytickError("API_REQUEST", { expected: "no body", found: "a request with one" });
    }
  }

  #isTrusted(host: string): boolean {
    const name = /^(\[[0-9a-f:.]+\]|[^:@/\\\s]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
    if (name === undefined) return false;
    return this.#names.has(name) || (this.#anyAddress && isAddress(name));
  }

  /** A page of ours names the host by which it came itself. */
  #isOwn(origin: string | readonly string[], host: string): boolean {
    return origin === `http://${host}` || origin === `https://${host}`;
  }

  #foreignHost(hosts: readonly string[]): EverytickError {
    return new EverytickError("API_HOST", {
      where: "the header Host",
      expected: [...this.#names, ...(this.#anyAddress ? ["an address in figures"] : [])].join(", "),
      found: kindOf(hosts.length === 1 ? hosts[0] : hosts),
      next: "Open the address that the server printed, or start it with --allow-host.",
    });
  }
}

/** Browsers say from where a request comes. A link that a person follows to a page of ours is no such request. */
function isForeignFetch(headers: Asked["headers"]): boolean {
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return false;
  return headers["sec-fetch-mode"] !== "navigate";
}

function isAddress(name: string): boolean {
  return name.startsWith("[") || /^\d{1,3}(\.\d{1,3}){3}$/.test(name);
}

function foreignOrigin(found: string): EverytickError {
  return new EverytickError("API_HOST", {
    where: "the header Origin",
    expected: "a page of this server",
    found: found.slice(0, 100),
  });
}
