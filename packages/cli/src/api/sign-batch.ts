/** Asks the API about many operations at once. The same questions and the same answers as one by one. */
import { formatRoute, isProblem, MAX_BATCH_REQUESTS, type Operation } from "@s3r/shared";
import * as v from "valibot";
import { CliError } from "../cli-error.ts";
import { toApiError, type ApiAnswer } from "./api-error.ts";
import { ask, type ApiClient } from "./ask.ts";
import { parseRedirectTarget } from "./redirect-target.ts";
import type { SignedRequest } from "./resolve.ts";

export interface SignQuestion {
  readonly operation: Operation;
  /** What the client will send to the store, lower-case names; `content-length` among them. */
  readonly announced: Readonly<Record<string, string>>;
}

/** Each question's own answer: an error concerns that one alone. */
export type SignOutcome = SignedRequest | CliError;

/**
 * @param questions at most `MAX_BATCH_REQUESTS`; none asks nothing.
 * @returns an answer for each, in their order; nothing where the API has no `POST /.s3r/sign`, as a bare redirector.
 * @throws CliError when the batch as a whole fails.
 */
export type SignBatch = (questions: readonly SignQuestion[]) => Promise<readonly SignOutcome[] | undefined>;

/** A URL and the headers that go with it have at most some 16 KiB. */
const MAX_ANSWER_CHARACTERS = MAX_BATCH_REQUESTS * 16 * 1024;

const answerSchema = v.object({
  responses: v.array(
    v.union([
      v.object({ status: v.literal(307), location: v.string(), expiresIn: v.optional(v.number()) }),
      v.object({ status: v.number(), problem: v.custom(isProblem) }),
    ]),
  ),
});

type Answers = v.InferOutput<typeof answerSchema>["responses"];

function parseAnswers(body: string, count: number): Answers | undefined {
  try {
    const parsed = v.safeParse(answerSchema, JSON.parse(body));
    return parsed.success && parsed.output.responses.length === count ? parsed.output.responses : undefined;
  } catch {
    return undefined;
  }
}

/** A redirector takes the path for a key or knows no POST, a web server has no such page. */
function isMissing({ status }: ApiAnswer): boolean {
  return (status >= 300 && status < 400) || status === 404 || status === 405 || status === 501;
}

function toOutcome(answer: Answers[number], { operation, announced }: SignQuestion, client: ApiClient): SignOutcome {
  const { method } = formatRoute(operation);
  try {
    if (!("problem" in answer)) {
      const { location, expiresIn } = answer;
      return { method, url: parseRedirectTarget(location, client.endpoint), announced, expiresIn };
    }
    const refusal: ApiAnswer = { status: answer.status, headers: {}, body: JSON.stringify(answer.problem) };
    return toApiError(refusal, `${method} ${operation.key}`, client.now());
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}

export function createSignBatch(client: ApiClient): SignBatch {
  return async function signBatch(questions) {
    if (questions.length === 0) return [];
    const requests = questions.map(({ operation, announced }) => ({ ...formatRoute(operation), headers: announced }));
    const answer = await ask(
      {
        method: "POST",
        path: ".s3r/sign",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ requests }),
        maximumCharacters: MAX_ANSWER_CHARACTERS,
      },
      client,
    );
    if (isMissing(answer)) return undefined;
    if (answer.status !== 200) throw toApiError(answer, "a batch of signatures", client.now());
    const answers = parseAnswers(answer.body, questions.length);
    if (answers === undefined) {
      throw new CliError("UnsafeServer", "the API's answer to a batch of signatures cannot be understood", {
        reason: "it is not one answer for each question",
        hint: "check the endpoint: this does not look like an s3r API of this version",
      });
    }
    return questions.flatMap((question, index) => {
      const each = answers[index];
      return each === undefined ? [] : [toOutcome(each, question, client)];
    });
  };
}
