/// <reference types="handlebars" />

/** The parser alone: templates are rendered here, and the rest of the package costs start-up time. */
declare module 'handlebars/dist/cjs/handlebars/compiler/base.js' {
  export function parse(text: string): hbs.AST.Program;
}
