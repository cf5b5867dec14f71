// The parts of Next.js that docs/guides/nextjs.md uses. The package is too large to install
// for them.
declare module 'next/headers' {
  interface CookieOptions {
    httpOnly?: boolean;
    secure?: boolean;
    sameSite?: 'lax' | 'strict' | 'none';
    path?: string;
    expires?: Date;
  }
  export function cookies(): Promise<{
    get(name: string): { name: string; value: string } | undefined;
    set(name: string, value: string, options?: CookieOptions): void;
    delete(name: string): void;
  }>;
  export function headers(): Promise<Pick<Headers, 'get'>>;
}

declare module 'next/navigation' {
  export function redirect(url: string): never;
}
