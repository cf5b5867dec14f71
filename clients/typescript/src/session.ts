/** A session whose access token is renewed with its refresh token. */
import { isNetworkError } from './errors.js';
import type { Session } from './generated/types.gen.js';

type Refresh = (refreshToken: string) => Promise<Session>;
type SessionToken = Session['token'];

/** Keeps the tokens of a session, and reports new ones before they are used. */
export function keepSession(session: Session, refresh: Refresh, changed?: (session: Session) => unknown) {
  let renewal: Promise<SessionToken> | undefined;
  const replace = async (next: Session): Promise<SessionToken> => {
    session = next;
    await changed?.(next);
    return next.token;
  };
  // A lost response is requested again: within ten seconds, the server returns the same tokens.
  const refreshed: Refresh = (token) =>
    refresh(token).catch((error) => (isNetworkError(error) ? refresh(token) : Promise.reject(error)));
  return {
    replace,
    /** Returns the access token, or the one after a rejected one. Concurrent calls share a renewal. */
    async token(rejected?: string): Promise<SessionToken> {
      const { token, refresh_token: refreshToken } = session;
      if (!renewal && rejected !== undefined && token === rejected && refreshToken) {
        renewal = refreshed(refreshToken)
          .then(replace)
          .finally(() => (renewal = undefined));
      }
      return renewal ?? token;
    },
  };
}
