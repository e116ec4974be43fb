/** A double of what GitHub Actions' runner offers a job: a URL that issues tokens for whoever has the job's secret. */
import { listen } from "./listen.ts";
import { makeJwt } from "./make-jwt.ts";
import { seenRequest, type SeenRequest } from "./seen-request.ts";
import type { ScriptedAnswer } from "./start-redirector.ts";

export interface TokenEndpoint extends AsyncDisposable {
  /** As the runner sets it. */
  readonly env: Readonly<Record<string, string>>;
  readonly seen: readonly SeenRequest[];
  /** All that it has issued. */
  readonly issued: readonly string[];
  /** Of the tokens from now on; `aud` is what was asked for. */
  claims: Readonly<Record<string, unknown>>;
  answerNext(...answers: readonly ScriptedAnswer[]): void;
}

export async function startTokenEndpoint(): Promise<TokenEndpoint> {
  const seen: SeenRequest[] = [];
  const issued: string[] = [];
  const scripted: ScriptedAnswer[] = [];
  const state: Pick<TokenEndpoint, "claims"> = { claims: {} };
  const server = await listen((incoming, response) => {
    const request = seenRequest(incoming);
    seen.push(request);
    const answer = scripted.shift();
    if (answer !== undefined) {
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    const token = makeJwt({
      ...state.claims,
      aud: new URL(request.target, "http://runner").searchParams.get("audience"),
    });
    issued.push(token);
    response.writeHead(200).end(JSON.stringify({ count: token.length, value: token }));
  });
  return Object.assign(state, {
    env: {
      GITHUB_ACTIONS: "true",
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${server.port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t0p-s3cret-of-the-job",
    },
    seen,
    issued,
    answerNext: (...answers: readonly ScriptedAnswer[]) => void scripted.push(...answers),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}
