/**
 * For tests: events with the fields that AWS's own samples have (aws/aws-lambda-go `events/testdata`), which are fewer
 * than those of live events, and what the app decides on them. Values that matter to nobody here are our own.
 */
import type { FrontDoorName } from "../front-doors/front-doors.ts";
import type { Decision } from "./invoke.ts";
import type { LambdaEvent } from "./lambda-events.ts";

export interface PublishedEvent {
  /** The sample's file. */
  readonly source: string;
  readonly frontDoor: FrontDoorName;
  readonly event: LambdaEvent;
  readonly decision: Partial<Decision>;
}

const restContext = {
  accountId: "12345678912",
  resourceId: "roq9wj",
  path: "/hello/world",
  stage: "testStage",
  domainName: "gy415nuibc.execute-api.us-east-2.amazonaws.com",
  requestId: "deef4878-7910-11e6-8f14-25afc3e9ae33",
  identity: { sourceIp: "192.0.2.186", userAgent: "PostmanRuntime/2.4.5" },
  authorizer: { principalId: "admin", clientId: 1, clientName: "Example" },
  resourcePath: "/{proxy+}",
  httpMethod: "POST",
  apiId: "gy415nuibc",
};

const restEvent = {
  resource: "/{proxy+}",
  path: "/hello/world",
  httpMethod: "POST",
  headers: { Accept: "*/*", "Content-Type": "application/json", "X-Amz-Cf-Id": "pn-PWIJc6thYnZm5P0NMgOUglL1DYtl0==" },
  multiValueHeaders: {
    Accept: ["*/*"],
    "Content-Type": ["application/json"],
    "X-Amz-Cf-Id": ["pn-PWIJc6thYnZm5P0NMgOUglL1DYtl0=="],
  },
  queryStringParameters: { name: "me" },
  multiValueQueryStringParameters: { name: ["me"] },
  pathParameters: { proxy: "hello/world" },
  stageVariables: { stageVariableName: "stageVariableValue" },
  requestContext: restContext,
  body: '{\r\n\t"a": 1\r\n}',
};

function contextV2(method: string, path: string, more: LambdaEvent): LambdaEvent {
  return {
    accountId: "123456789012",
    apiId: "api-id",
    http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "agent" },
    requestId: "id",
    time: "12/Mar/2020:19:03:58 +0000",
    timeEpoch: 1_583_348_638_390,
    ...more,
  };
}

const elb = {
  targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/lambda-target/abcdefg",
};

export const PUBLISHED_EVENTS: readonly PublishedEvent[] = [
  {
    source: "apigw-request.json",
    frontDoor: "rest-api",
    event: restEvent,
    decision: { status: 405, code: "MethodNotAllowed" },
  },
  {
    source: "apigw-restapi-openapi-request.json, as a GET",
    frontDoor: "rest-api",
    event: { ...restEvent, httpMethod: "GET", requestContext: { ...restContext, operationName: "HelloWorld" } },
    decision: { status: 307 },
  },
  {
    source: "apigw-v2-request-no-authorizer.json",
    frontDoor: "http-api",
    event: {
      version: "2.0",
      routeKey: "$default",
      rawPath: "/",
      rawQueryString: "",
      headers: { accept: "*/*", "content-length": "0", "user-agent": "curl/7.58.0" },
      requestContext: contextV2("GET", "/", {
        domainName: "aaaaaaaaaa.execute-api.us-west-2.amazonaws.com",
        stage: "$default",
      }),
      isBase64Encoded: false,
    },
    decision: { status: 400, code: "InvalidKey" },
  },
  {
    source: "apigw-v2-request-jwt-authorizer.json",
    frontDoor: "http-api",
    event: {
      version: "2.0",
      routeKey: "$default",
      rawPath: "/my/path",
      rawQueryString: "parameter1=value1&parameter1=value2&parameter2=value",
      cookies: ["cookie1", "cookie2"],
      headers: { Header1: "value1", Header2: "value2" },
      queryStringParameters: { parameter1: "value1,value2", parameter2: "value" },
      requestContext: contextV2("GET", "/my/path", {
        domainName: "id.execute-api.us-east-1.amazonaws.com",
        stage: "$default",
        authorizer: { jwt: { claims: { claim1: "value1" }, scopes: ["scope1", "scope2"] } },
      }),
      body: '{\r\n\t"a": 1\r\n}',
      isBase64Encoded: false,
    },
    decision: { status: 307 },
  },
  {
    source: "the same, whose route parameter is of another path",
    frontDoor: "http-api",
    event: {
      version: "2.0",
      rawPath: "/my/path",
      headers: {},
      pathParameters: { proxy: "hello/world" },
      requestContext: contextV2("GET", "/my/path", { domainName: "id.execute-api.us-east-1.amazonaws.com" }),
    },
    decision: { status: 400, code: "InvalidKey" },
  },
  {
    source: "lambda-urls-request.json, as a PUT",
    frontDoor: "function-url",
    event: {
      version: "2.0",
      rawPath: "/my/path",
      rawQueryString: "parameter1=value1&parameter1=value2&parameter2=value",
      cookies: ["cookie1", "cookie2"],
      headers: { header1: "value1", header2: "value1,value2" },
      queryStringParameters: { parameter1: "value1,value2", parameter2: "value" },
      requestContext: contextV2("PUT", "/my/path", {
        domainName: "<url-id>.lambda-url.us-west-2.on.aws",
        authorizer: { iam: { accountId: "111122223333", userArn: "arn:aws:iam::111122223333:user/example-user" } },
      }),
      body: "Hello from client!",
      isBase64Encoded: false,
    },
    decision: { status: 307 },
  },
  {
    source: "alb-lambda-target-request-headers-only.json, with a path",
    frontDoor: "alb",
    event: {
      requestContext: { elb },
      httpMethod: "GET",
      path: "/k",
      queryStringParameters: { key: "hello" },
      headers: { accept: "*/*", connection: "keep-alive", "x-forwarded-port": "80", "x-imforwards": "20" },
      body: "",
      isBase64Encoded: false,
    },
    decision: { status: 307 },
  },
  {
    source: "alb-lambda-target-request-multivalue-headers.json",
    frontDoor: "alb",
    event: {
      requestContext: { elb },
      httpMethod: "GET",
      path: "/",
      multiValueQueryStringParameters: { key: ["hello"] },
      multiValueHeaders: { accept: ["*/*"], connection: ["keep-alive"], "x-imforwards": ["20"] },
      body: "",
      isBase64Encoded: false,
    },
    decision: { status: 400, code: "InvalidKey" },
  },
];
