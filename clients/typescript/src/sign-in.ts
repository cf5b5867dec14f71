/** The result of signing in, which is a challenge if the account has a second factor. */
import type { Session, SignInChallenge } from './generated/types.gen.js';

/** Signing in needs a code: send it with `challenge` to `completeSignIn`. */
export class SignInChallengeError extends Error {
  constructor(readonly challenge: SignInChallenge) {
    super('The password was right, but the account needs a code to sign in.');
    this.name = 'SignInChallengeError';
  }
}

/**
 * Returns the session that `signIn` started. If the account has a second factor, it throws a
 * SignInChallengeError.
 */
export function sessionOf(data: Session | SignInChallenge): Session {
  if ('challenge' in data) throw new SignInChallengeError(data);
  return data;
}
