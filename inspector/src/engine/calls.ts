import { isEverytickError } from "../../../src/errors.ts";
import type { Problem } from "./protocol.ts";

/** Calls of functions on the other side of a port, and events from there. */

type Functions = { readonly [name: string]: (argument: never) => unknown };
/** What the other side has to offer: each call may wait. */
export type Handlers<F extends Functions> = {
  readonly [K in keyof F]: (
    argument: Parameters<F[K]>[0],
  ) => Promise<ReturnType<F[K]>> | ReturnType<F[K]>;
};

/** A worker, or the worker's own scope. */
export interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

interface CallMessage {
  readonly call: number;
  readonly name: string;
  readonly argument: unknown;
}
interface AnswerMessage {
  readonly answer: number;
  readonly value?: unknown;
  readonly problem?: Problem;
}
interface EventMessage {
  readonly event: string;
  readonly detail: unknown;
}

/** Answers the calls that come through a port. @returns how to send an event */
export function serve<F extends Functions, E extends object>(
  port: Port,
  handlers: Handlers<F>,
): <K extends keyof E & string>(event: K, detail: E[K]) => void {
  port.addEventListener("message", ({ data }) => {
    const { call, name, argument } = data as CallMessage;
    if (call === undefined) return;
    const handler = handlers[name] as ((argument: unknown) => unknown) | undefined;
    const work = async (): Promise<unknown> => handler?.(argument);
    work().then(
      (value) => port.postMessage({ answer: call, value } satisfies AnswerMessage),
      (error: unknown) => {
        port.postMessage({ answer: call, problem: problemOf(error) } satisfies AnswerMessage);
      },
    );
  });
  return (event, detail) => port.postMessage({ event, detail } satisfies EventMessage);
}

/** What went wrong on the other side. */
class RemoteError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = "RemoteError";
    this.problem = problem;
  }
}

/** The calling side. */
export class Caller<F extends Functions, E extends object> {
  readonly #port: Port;
  readonly #waiting = new Map<
    number,
    { done: (value: never) => void; failed: (e: Error) => void }
  >();
  readonly #listeners = new Map<string, ((detail: never) => void)[]>();
  #calls = 0;

  constructor(port: Port) {
    this.#port = port;
    port.addEventListener("message", ({ data }) =>
      this.#take(data as AnswerMessage | EventMessage),
    );
  }

  async call<K extends keyof F & string>(
    name: K,
    ...[argument, transfer = []]: [Parameters<F[K]>[0]?, Transferable[]?]
  ): Promise<ReturnType<F[K]>> {
    const call = ++this.#calls;
    return new Promise((done, failed) => {
      this.#waiting.set(call, { done, failed });
      this.#port.postMessage({ call, name, argument } satisfies CallMessage, transfer);
    });
  }

  on<K extends keyof E & string>(event: K, listener: (detail: E[K]) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  #take(message: AnswerMessage | EventMessage): void {
    if ("event" in message) {
      for (const listener of this.#listeners.get(message.event) ?? []) {
        listener(message.detail as never);
      }
      return;
    }
    const waiting = this.#waiting.get(message.answer);
    this.#waiting.delete(message.answer);
    if (message.problem === undefined) waiting?.done(message.value as never);
    else waiting?.failed(new RemoteError(message.problem));
  }
}

/** An error as it can cross a port. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RemoteError) return error.problem;
  if (isEverytickError(error)) {
    const { code, message, details } = error;
    return { code, message: message.split("\n")[0]!.replace(/^\S+\s+/, ""), details };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: undefined, message, details: {} };
}
