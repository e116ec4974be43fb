/** The function and what invokes it do not fit together. For its operator: a client can do nothing about it. */
export class FrontDoorError extends Error {
  override readonly name = "FrontDoorError";
}
