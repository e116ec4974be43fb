/**
 * For tests: the events that each front door makes of a request, in shapes that were recorded at AWS.
 *
 * | front door | from |
 * | --- | --- |
 * | all | hotsock/voker `vokerhttp/testdata/*.json`, captured on 2026-07-10 |
 * | REST API: slash at the end, encoded path, decoded query | localstack/localstack `test_apigateway_lambda.snapshot.json`, recorded on 2024-07-10 |
 * | REST API: base path mappings | localstack/localstack#12296, aws-powertools/powertools-lambda-python#576 |
 * | HTTP API: stages | aws-powertools/powertools-lambda-python#621, logandk/serverless-wsgi#191 |
 * | HTTP API: cut at a decoded `?` | middleapi/standard-server#93 |
 */
import {
  decodeLeniently,
  decodeParameter,
  eventBody,
  joinValues,
  last,
  lowerCase,
  proxyHeaders,
  queryMap,
} from "./event-parts.ts";
import { groupHeaders, splitWireTarget, wireHeaders, type WireRequest } from "./wire-request.ts";

export type { WireRequest };

export type LambdaEvent = Readonly<Record<string, unknown>>;

const EMPTY_CERTIFICATE = {
  clientCertPem: "",
  subjectDN: "",
  issuerDN: "",
  serialNumber: "",
  validity: { notBefore: "", notAfter: "" },
};

function payloadV2(request: WireRequest, host: string) {
  const headers = lowerCase(groupHeaders([...wireHeaders(request), ...proxyHeaders(host)]));
  const { query } = splitWireTarget(request);
  return {
    version: "2.0",
    routeKey: "$default",
    rawQueryString: query,
    ...(headers["cookie"] === undefined ? {} : { cookies: headers["cookie"].flatMap((value) => value.split("; ")) }),
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(",")] as const)),
    queryStringParameters: joinValues(queryMap(query, decodeParameter), (values) => values.join(",")),
    pathParameters: null,
    stageVariables: null,
    ...eventBody(request, false),
  };
}

function contextV2(request: WireRequest, host: string, path: string) {
  return {
    accountId: "anonymous",
    apiId: host.split(".")[0],
    authentication: { clientCert: EMPTY_CERTIFICATE },
    domainName: host,
    domainPrefix: host.split(".")[0],
    http: { method: request.method, path, protocol: "HTTP/1.1", sourceIp: "198.51.100.18", userAgent: "curl/8.7.1" },
    requestId: "d16a6b55-dea9-4b23-8499-eb85c3d2d904",
    routeKey: "$default",
    stage: "$default",
    time: "10/Jul/2026:19:19:06 +0000",
    timeEpoch: 1_783_711_146_671,
  };
}

export function functionUrlEvent(request: WireRequest): LambdaEvent {
  const host = "2cxn22odiwguak4feg4jtt7cwm0ziblr.lambda-url.us-west-2.on.aws";
  const { path } = splitWireTarget(request);
  const event = payloadV2(request, host);
  return { ...event, rawPath: path, requestContext: contextV2(request, host, decodeLeniently(path)) };
}

export interface HttpApiOptions {
  /** `$default` when absent. */
  readonly stage?: string;
  /** Its own when absent. */
  readonly domainName?: string;
  /** The route `ANY /{proxy+}` in place of `$default`: it shows the path a second time. */
  readonly hasProxyRoute?: boolean;
  readonly authorizer?: unknown;
}

/** The path is decoded, and what follows a decoded `?` is gone. */
export function httpApiEvent(request: WireRequest, options: HttpApiOptions = {}): LambdaEvent {
  const { stage = "$default", domainName = "sjzepsqsu5.execute-api.us-west-2.amazonaws.com" } = options;
  const [decoded = ""] = decodeLeniently(splitWireTarget(request).path).split("?");
  const rawPath = stage === "$default" ? decoded : `/${stage}${decoded}`;
  const { headers, ...event } = payloadV2(request, domainName);
  const routeKey = options.hasProxyRoute === true ? "ANY /{proxy+}" : "$default";
  return {
    ...event,
    routeKey,
    rawPath,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "cookie")),
    pathParameters: options.hasProxyRoute === true ? { proxy: splitWireTarget(request).path.slice(1) } : null,
    requestContext: {
      ...contextV2(request, domainName, rawPath),
      routeKey,
      stage,
      authorizer: options.authorizer ?? { jwt: { claims: null, scopes: null } },
    },
  };
}

export interface RestApiOptions {
  /** Of a custom domain's mapping; none, on the API's own domain, when absent. */
  readonly basePath?: string;
  /** `binaryMediaTypes: ["*\/*"]`, as in the template. */
  readonly isBinary?: boolean;
  readonly authorizer?: unknown;
}

/** The client's `content-length` is not handed over, its spelling of header names is. */
export function restApiEvent(request: WireRequest, options: RestApiOptions = {}): LambdaEvent {
  const { basePath, isBinary = true, authorizer = null } = options;
  const host = basePath === undefined ? "5h7pqvr9u4.execute-api.us-west-2.amazonaws.com" : "files.example.com";
  const { path, query } = splitWireTarget(request);
  const multiValueHeaders = groupHeaders(
    [...wireHeaders(request), ...proxyHeaders(host)].filter(([name]) => name.toLowerCase() !== "content-length"),
  );
  const parameters = queryMap(query, decodeParameter);
  const proxy = path.slice(1).replace(/\/$/u, "");
  return {
    resource: proxy === "" ? "/" : "/{proxy+}",
    path: `${basePath ?? ""}${path}`,
    httpMethod: request.method,
    headers: joinValues(multiValueHeaders, last),
    multiValueHeaders,
    queryStringParameters: joinValues(parameters, last),
    multiValueQueryStringParameters: parameters,
    pathParameters: proxy === "" ? null : { proxy },
    stageVariables: null,
    requestContext: {
      accountId: "123456789012",
      apiId: "5h7pqvr9u4",
      authorizer,
      domainName: host,
      httpMethod: request.method,
      identity: { sourceIp: "198.51.100.18", userAgent: "curl/8.7.1" },
      path: basePath === undefined ? `/live${path}` : `${basePath}${path}`,
      protocol: "HTTP/1.1",
      requestId: "7c2af7db-31f3-42b5-8a6d-9ffc74e3b9e0",
      resourceId: "al6gqb",
      resourcePath: proxy === "" ? "/" : "/{proxy+}",
      stage: "live",
    },
    ...eventBody(request, isBinary),
  };
}

/** @param isMultiValue the attribute `lambda.multi_value_headers.enabled` of the target group. */
export function albEvent(request: WireRequest, isMultiValue = true): LambdaEvent {
  const host = "s3r-1316758055.us-west-2.elb.amazonaws.com";
  const multiValueHeaders = lowerCase(groupHeaders([...wireHeaders(request), ...proxyHeaders(host)]));
  const { path, query } = splitWireTarget(request);
  const parameters = queryMap(query, (text) => text);
  return {
    requestContext: {
      elb: {
        targetGroupArn: "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/s3r/4efa1ab384b3474d",
      },
    },
    httpMethod: request.method,
    path,
    ...(isMultiValue
      ? {
          queryStringParameters: null,
          multiValueQueryStringParameters: parameters ?? {},
          headers: null,
          multiValueHeaders,
        }
      : { queryStringParameters: joinValues(parameters, last) ?? {}, headers: joinValues(multiValueHeaders, last) }),
    ...eventBody(request, false),
    body: eventBody(request, false).body ?? "",
  };
}
