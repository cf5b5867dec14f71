const input = { target: '../../api/openapi.gen.yaml' };
const output = (client) => ({ target: `../../.gradus/generators/orval-${client}.ts`, client, mode: 'single' });

export default {
  fetch: { input, output: output('fetch') },
  zod: { input, output: output('zod') },
};
