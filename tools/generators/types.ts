// The types that the generators make of nullable references, which they can misread.
import type {
  Failing as FailingOfOpenAPIGenerator,
  Reason as ReasonOfOpenAPIGenerator,
  StudentGap as GapOfOpenAPIGenerator,
} from '../../.gradus/generators/typescript-fetch';
import type { components } from '../../.gradus/generators/openapi-typescript';
import type { Failing as FailingOfOrval, Reason as ReasonOfOrval, StudentGap as GapOfOrval } from '../../.gradus/generators/orval-fetch';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Schemas = components['schemas'];

// A nullable reference is the named type or null.
export const nullable: [
  Equal<GapOfOpenAPIGenerator['failing'], FailingOfOpenAPIGenerator | null>,
  Equal<Schemas['StudentGap']['failing'], Schemas['Failing'] | null>,
  Equal<GapOfOrval['failing'], FailingOfOrval | null>,
] = [true, true, true];

// A nullable enum is one, too. Orval writes the values themselves.
export const reason: [
  Equal<GapOfOpenAPIGenerator['reason'], ReasonOfOpenAPIGenerator | null>,
  Equal<Schemas['StudentGap']['reason'], Schemas['Reason'] | null>,
  Equal<GapOfOrval['reason'], ReasonOfOrval | null>,
] = [true, true, true];
