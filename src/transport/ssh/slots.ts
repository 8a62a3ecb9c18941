/** A number of places; whoever comes when all are taken waits for one. */
export interface Slots {
  /** Gives the function that frees the place again. */
  take(): Promise<() => void>;
  /** Allows no more than are taken now (the one that was just given back apart). False when none is. */
  shrink(): boolean;
  /** Rejects all who wait, now and later. */
  fail(error: Error): void;
}

export function createSlots(most: number): Slots {
  let limit = most;
  let taken = 0;
  let failure: Error | undefined;
  const waiting: { resolve: (release: () => void) => void; reject: (error: Error) => void }[] = [];

  function give(): () => void {
    taken++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      taken--;
      if (taken < limit) waiting.shift()?.resolve(give());
    };
  }

  return {
    take() {
      if (failure) return Promise.reject(failure);
      if (taken < limit) return Promise.resolve(give());
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    shrink() {
      if (taken === 0) return false;
      limit = Math.min(limit, taken);
      return true;
    },
    fail(error) {
      failure = error;
      for (const waiter of waiting.splice(0)) waiter.reject(error);
    },
  };
}
