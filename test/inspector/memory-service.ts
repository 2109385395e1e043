/** The service of a folder of runs in memory, as the page fetches from it. */
import type { Fetch } from "../../inspector/src/engine/http-segments.ts";
import { folder, type Memory } from "../runs/memory-runs.ts";

export interface Service {
  readonly fetch: Fetch;
  /** Whether nobody answers. */
  isAway: boolean;
  /** Changes bytes on their way. */
  spoil: ((bytes: Uint8Array, isReload: boolean) => void) | undefined;
  /** Bytes of segments that were sent. */
  sent: number;
}

export function serviceOf({ ports: { vfs } }: Pick<Memory, "ports">): Service {
  const service: Service = {
    isAway: false,
    spoil: undefined,
    sent: 0,
    fetch: async (url, init) => {
      await Promise.resolve();
      if (service.isAway) throw new TypeError("Failed to fetch");
      const [, run = "", rest = ""] = /^\/v1\/runs\/([^/?]+)(.*)$/.exec(url) ?? [];
      const journal = `${folder}/${run}/journal`;
      if (vfs.list(`${folder}/${run}`) === undefined) return problem();
      if (rest === "") {
        const card = JSON.parse(
          new TextDecoder().decode(vfs.read(`${folder}/${run}/run.json`)),
        ) as object;
        return Response.json({
          ...card,
          firstTick: null,
          tick: null,
          isRecording: false,
          bytes: 1,
        });
      }
      if (rest === "/segments") {
        return Response.json({ segments: (vfs.list(journal) ?? []).map((name) => ({ name })) });
      }
      const [, name = "", isIndex] = /^\/segments\/([^/?]+)(\/index)?/.exec(rest) ?? [];
      if (isIndex !== undefined) return new Response(undefined, { status: 404 });
      return part(vfs.read(`${journal}/${name}`), init);
    },
  };
  const part = (file: Uint8Array, init: RequestInit | undefined): Response => {
    const { range = "" } = { ...(init?.headers as { readonly range?: string }) };
    const [, from = 0, to = 0] = (/bytes=(\d+)-(\d+)/.exec(range) ?? []).map(Number);
    const headers = { "content-range": `bytes ${from}-${to}/${file.length}` };
    if (from >= file.length) return new Response(undefined, { status: 416, headers });
    const bytes = file.slice(from, to + 1);
    service.spoil?.(bytes, init?.cache === "reload");
    service.sent += bytes.length;
    return new Response(bytes, { status: 206, headers });
  };
  return service;
}

function problem(): Response {
  const body = JSON.stringify({ status: 404, code: "RUNS_MISSING", found: "nothing" });
  const headers = { "content-type": "application/problem+json" };
  return new Response(body, { status: 404, headers });
}
