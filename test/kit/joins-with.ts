/** A command that joins its stdin and stdout with a unix socket, as `docker system dial-stdio` does. */
export function joinsWith(socket: string): string {
  const program = `
    const s = require('net').connect(process.argv[1]);
    process.stdin.pipe(s);
    s.pipe(process.stdout);
    s.on('error', (e) => { console.error(e.message); process.exit(1); });
    s.on('end', () => s.end());
  `;
  return `exec '${process.execPath}' -e '${program.replaceAll("'", '"')}' '${socket}'`;
}
