/** Ends with the screen still in use: by an error for exit code 1, else by leaving the process. */
import { Screen } from "../../../src/cli/play/screen.ts";

const code = Number(process.argv[2]);
const screen = new Screen(() => {
  if (code === 1) throw new Error("at a key");
  process.exit(code);
});
screen.show(["on the screen"], []);
