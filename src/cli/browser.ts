import { spawn } from "node:child_process";

/** Asks the system to show an address. A machine without a browser is no failure. @returns whether it was asked */
export function openBrowser(url: string): boolean {
  const command = browserCommand(process.platform, process.env);
  if (command === undefined) return false;
  const [program = "", ...args] = command;
  const child = spawn(program, [...args, url], { detached: true, stdio: "ignore" });
  child.on("error", () => undefined);
  child.unref();
  return true;
}

type Environment = { readonly [name: string]: string | undefined };

/** `BROWSER` is what other programs ask, too; `none` there means none. */
export function browserCommand(platform: string, environment: Environment): string[] | undefined {
  const { BROWSER, DISPLAY, WAYLAND_DISPLAY } = environment;
  if (BROWSER === "none") return undefined;
  if (BROWSER !== undefined && BROWSER !== "") return [BROWSER];
  if (platform === "darwin") return ["open"];
  // The first argument of `start` in quotes would be a title.
  if (platform === "win32") return ["cmd", "/c", "start", ""];
  return DISPLAY === undefined && WAYLAND_DISPLAY === undefined ? undefined : ["xdg-open"];
}
