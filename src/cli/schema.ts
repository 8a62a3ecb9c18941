import { type SchemaKind, schemaText } from './schema/kinds.ts';

/** `slipway schema [KIND]`: what a kind of file may hold, for editors. */
export async function schemaCommand(kind: SchemaKind): Promise<number> {
  process.stdout.write(schemaText(kind));
  return 0;
}
