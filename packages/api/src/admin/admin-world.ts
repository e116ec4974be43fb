/** What the commands of `s3r-api` work with. */
export interface AdminWorld {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly readFile: (path: string) => Promise<string>;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: () => Date;
}
