/**
 * A short name for who asks whom, as the manifest keeps it beside what the service said: the SID, and the base URL without its scheme, as
 * `HXIN1707324291IN@api.in.kaleyra.io/v1`. It holds no secret.
 */
export function accountName({ sid, baseUrl }: { sid: string; baseUrl: URL }): string {
  return `${sid}@${baseUrl.host}${baseUrl.pathname.replace(/\/+$/u, '')}`;
}
