import { Probe } from "./probe.ts";
import type { ProbeInput, ProbeResult } from "./protocol.ts";

const partMilliseconds = 120;

/** Evaluates an expression for each state that comes through the port, and tells the page in parts. */
addEventListener("message", ({ data }: MessageEvent<{ port: MessagePort } & ProbeInput>) => {
  if (data.kind !== "begin") return;
  const { port, card, expression } = data;
  let [ticks, values]: [number[], number[]] = [[], []];
  let failure: string | undefined;
  let probe: Probe | undefined;
  let lastPart = performance.now();
  const part = (isLast: boolean): void => {
    const result: ProbeResult = {
      ticks: Float64Array.from(ticks),
      values: Float64Array.from(values),
      isLast,
      failure,
    };
    postMessage(result);
    [ticks, values] = [[], []];
    lastPart = performance.now();
  };
  try {
    probe = new Probe(card, expression);
  } catch (error) {
    failure = `It is no expression: ${messageOf(error)}`;
    part(true);
    return;
  }
  port.addEventListener("message", ({ data: input }: MessageEvent<ProbeInput>) => {
    if (input.kind === "end") part(true);
    if (input.kind !== "state") return;
    ticks.push(input.tick);
    try {
      values.push(probe.valueAt(input.tick, input.stores));
    } catch (error) {
      values.push(Number.NaN);
      failure ??= `Tick ${input.tick}: ${messageOf(error)}`;
    }
    port.postMessage("next");
    if (performance.now() - lastPart > partMilliseconds) part(false);
  });
  port.start();
});

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
