import { ApiError, type Answer } from '../kube/client.ts';

/** Throws the refusal that an answer carries. */
export function raise(answer: Answer): void {
  if (answer.code >= 400) throw new ApiError(JSON.parse(answer.text) as ApiError['status']);
}
