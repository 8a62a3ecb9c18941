/** The middle one; undefined of nothing. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : sorted.length === 0
      ? undefined
      : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const seconds = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(2)} s`);
export const megabytes = (value) => `${Math.round(value / 1e6)} MB`;
export const times = (value) => `${value.toFixed(2)} x`;

/** What bare Node takes on the machine that the targets were set on: they scale with it. */
const NODE = 0.09;

/** A target in seconds for a row, as a multiple of what bare Node took in the same run. */
export function againstNode(row, limit, bare) {
  const most = limit / NODE;
  const value = row.seconds / bare.seconds;
  return {
    what: `${row.what}: at most ${times(most)} bare node (${seconds(limit)} where that takes ${seconds(NODE)})`,
    value: times(value),
    met: value <= most,
  };
}
