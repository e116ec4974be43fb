/** Progress on a terminal: one line that is drawn over and over, of all transfers together. */
import ora from "ora";
import type { Progress } from "../transfer/progress.ts";
import { createProgressSum } from "./progress-sum.ts";
import type { OutputStream } from "./streams.ts";

const REDRAW_MILLISECONDS = 100;

/** @param now in milliseconds. @param colored ora itself knows nothing of NO_COLOR. */
export function createSpinnerProgress(
  stream: OutputStream,
  now: () => number,
  colored: boolean,
): Progress & { readonly stop: () => void } {
  // ora's raw mode would swallow Ctrl-C.
  const spinner = ora({ stream, discardStdin: false, spinner: "dots", color: colored ? "cyan" : false });
  let drawn = 0;
  const sum = createProgressSum(now, () => {
    if (now() - drawn < REDRAW_MILLISECONDS) return;
    drawn = now();
    const columns = Math.max(20, (stream.columns ?? 80) - 4);
    spinner.text = sum.describe().slice(0, columns);
    // A transfer that keeps the event loop busy leaves ora's own timer no turn.
    spinner.render();
  });
  return {
    begin(name, total) {
      const transfer = sum.begin(name, total);
      spinner.start(sum.describe());
      return {
        ...transfer,
        end() {
          transfer.end();
          if (sum.isIdle) spinner.stop();
        },
      };
    },
    stop: () => void spinner.stop(),
  };
}
