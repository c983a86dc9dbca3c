/** @file Work that follows something that changes faster than it can: of all wishes that come meanwhile, the last one counts. */

/**
 * @param work runs once for the newest wish after the other; it reads itself what is to be done
 * @param onError what it throws; work goes on with the next wish
 * @returns wishes for a run
 */
export function latest(work: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let running = false;
  let wanted = false;
  return async () => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      try {
        await work();
      } catch (error) {
        onError(error);
      }
    }
    running = false;
  };
}
