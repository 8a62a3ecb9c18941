// Draws what a program printed to a terminal as an SVG: `tmux capture-pane -p -e | node scripts/terminal-picture.mjs > picture.svg`.
// Understands colours and bold, which is all that Slipway's plain lines use.
import { readFileSync } from 'node:fs';

const COLOURS = {
  31: '#f47067',
  32: '#8ddb8c',
  33: '#e0b057',
  34: '#6cb6ff',
  35: '#dcbdfb',
  36: '#76e3ea',
  90: '#8b949e',
};
const [CHARACTER, LINE, MARGIN] = [8.4, 19, 16];

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Splits a line into pieces of one style each. */
function pieces(line) {
  const found = [];
  let style = { fill: '#e6edf3', bold: false };
  // oxlint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    // oxlint-disable-next-line no-control-regex
    const code = /^\u001b\[([0-9;]*)m$/.exec(part)?.[1];
    if (code === undefined) {
      if (part !== '') found.push({ text: part, ...style });
    } else if (code === '' || code === '0') style = { fill: '#e6edf3', bold: false };
    else if (code === '39') style = { ...style, fill: '#e6edf3' };
    else if (code === '1') style = { ...style, bold: true };
    else if (COLOURS[code]) style = { ...style, fill: COLOURS[code] };
  }
  return found;
}

const lines = readFileSync(0, 'utf8').replace(/\n$/, '').split('\n');
// oxlint-disable-next-line no-control-regex
const columns = Math.max(80, ...lines.map((line) => line.replace(/\u001b\[[0-9;]*m/g, '').length));
const width = Math.ceil(columns * CHARACTER + 2 * MARGIN);
const height = lines.length * LINE + 2 * MARGIN;
const rows = lines.map((line, index) => {
  const spans = pieces(line).map(
    ({ text, fill, bold }) =>
      `<tspan fill="${fill}"${bold ? ' font-weight="bold"' : ''}>${escape(text)}</tspan>`,
  );
  return `<text x="${MARGIN}" y="${MARGIN + LINE * (index + 0.75)}" xml:space="preserve">${spans.join('')}</text>`;
});
process.stdout.write(
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>',
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">`,
    ...rows,
    '</g></svg>',
    '',
  ].join('\n'),
);
