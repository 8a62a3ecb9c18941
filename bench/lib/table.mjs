import { megabytes, seconds, times } from './numbers.mjs';

const COLUMNS = [
  ['', (row) => row.what],
  ['median', (row) => show(row.seconds, seconds)],
  ['to the floor', (row, floor) => (floor ? times(row.seconds / floor.seconds) : '')],
  ['controller CPU', (row) => show(row.cpu, seconds)],
  ['peak memory', (row) => (row.rss ? megabytes(row.rss) : '')],
  ['round trips', (row) => show(row.roundTrips, String)],
  ['from the controller', (row) => show(row.sent, megabytes)],
];

/** A column that says nothing of any row is left out. */
const columnsOf = (rows, floor) =>
  COLUMNS.filter(([head, cell]) => !head || rows.some((row) => cell(row, floor)));

const show = (value, as) => (value === undefined ? '' : as(value));

/** A section as text: its title, its table, and which targets it meets. */
export function sectionText({ title, rows, targets }) {
  const floor = rows.find(({ key }) => key === 'floor');
  const columns = columnsOf(rows, floor);
  const cells = [
    columns.map(([head]) => head),
    ...rows.map((row) => columns.map(([, cell]) => cell(row, floor))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at].length)));
  const lines = cells.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
      .join('  ')
      .trimEnd(),
  );
  const verdicts = targets.map(({ met, what, value }) => `${met ? 'met   ' : 'MISSED'}  ${what}: ${value}`);
  return `\n${title}\n${lines.join('\n')}\n${verdicts.join('\n')}\n`;
}
