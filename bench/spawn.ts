import { fork } from "node:child_process";
import { join } from "node:path";
import type {
  Check,
  CheckRequest,
  Configuration,
  Measurement,
  Outcome,
  Request,
} from "./configuration.ts";
import { isOurs } from "./results.ts";

const program = join(import.meta.dirname, "child.ts");
const execArgv = ["--conditions=source", "--expose-gc", "--max-old-space-size=8192"];

/** Runs a request in a child process. @param scratch the folder that it records in. */
export async function spawn(request: Configuration, scratch: string): Promise<Outcome<Measurement>>;
export async function spawn(request: CheckRequest, scratch: string): Promise<Outcome<Check>>;
export async function spawn(request: Request, scratch: string): Promise<Outcome<unknown>> {
  const child = fork(program, [JSON.stringify(request), scratch], { execArgv });
  return new Promise((resolve, reject) => {
    let outcome: Outcome<unknown> | undefined;
    child.once("message", (message) => (outcome = message as Outcome<unknown>));
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      const reason = `the process ended with ${code ?? signal}`;
      // A peer that fails takes no part; ours may not fail.
      if (outcome === undefined && "peer" in request && !isOurs(request.peer)) {
        outcome = { notRun: reason };
      }
      if (outcome === undefined) reject(new Error(`${JSON.stringify(request)}: ${reason}`));
      else resolve(outcome);
    });
  });
}
