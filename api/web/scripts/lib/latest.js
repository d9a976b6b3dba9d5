/** One request at a time: a newer one ends the older, whose answer or failure is then undefined. */
export function latest() {
  let current;
  return {
    async ask(work) {
      current?.abort();
      const mine = (current = new AbortController());
      try {
        const told = await work(mine.signal);
        return mine === current ? told : undefined;
      } catch (error) {
        if (mine === current) throw error;
      }
    },
    stop() {
      current?.abort();
      current = undefined;
    },
  };
}
