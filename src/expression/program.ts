import type { ErrorCode } from '../base/errors.ts';
import type { Expr, Place } from './expr.ts';

/** A parsed template. Offsets count from the start of its text. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly expr: Expr }
  | BlockPiece;

export interface BlockPiece extends Place {
  readonly kind: 'if' | 'unless' | 'each' | 'with';
  readonly subject: Expr;
  /** Names from `as |a b|`. */
  readonly names: readonly string[];
  readonly body: readonly Piece[];
  readonly otherwise: readonly Piece[];
}

/** Something wrong with a template, before it is known where the template stands. */
export interface Complaint {
  readonly code: ErrorCode;
  readonly message: string;
  readonly place: Place;
  readonly hint?: string | undefined;
}
