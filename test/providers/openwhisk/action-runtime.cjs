// An action runtime for Node, by OpenWhisk's contract (github.com/apache/openwhisk, docs/actions-new.md): `/init` takes
// the code once, `/run` calls it with the parameters, one call at a time. Plain code is evaluated in the scope of this
// file, as the real runtime does it: what it is asked for is a function of that scope, or an export.

const { createServer } = require("node:http");

/** Undefined before /init. */
let action;
let isRunning = false;

const endOfActivation = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX";

/** The code sees `require`, `module`, `exports` and its own names, nothing else of this file. */
function evaluate(givenCode, givenName) {
  const missing = `if (error.name !== "ReferenceError") throw error; return module.exports.${givenName};`;
  // biome-ignore lint/security/noGlobalEval: this is what the platform does with an action.
  return eval(`(function () {\n${givenCode}\ntry { return ${givenName}; } catch (error) { ${missing} }\n})`)();
}

function init({ main, code, binary, env = {} }) {
  if (action !== undefined) return [403, { error: "Cannot initialize the action more than once." }];
  if (!main || !code || binary) return [403, { error: "Missing main/no code to execute." }];
  Object.assign(process.env, env);
  try {
    action = evaluate(code, main);
    if (typeof action !== "function") throw new Error(`Action entrypoint '${main}' is not a function.`);
    return [200, { OK: true }];
  } catch (error) {
    return [502, { error: `Initialization has failed due to: ${error.stack}` }];
  }
}

async function run({ value = {}, ...context }) {
  if (action === undefined || isRunning) return [403, { error: "System not initialized, or not ready." }];
  for (const [name, said] of Object.entries(context)) {
    if (typeof said === "string") process.env[`__OW_${name.toUpperCase()}`] = said;
  }
  isRunning = true;
  try {
    const result = (await action(value)) ?? {};
    if (typeof result !== "object") return [502, { error: "The action did not return a dictionary." }];
    return [200, result];
  } catch (error) {
    return [200, { error: String(error) }];
  } finally {
    isRunning = false;
    for (const stream of [process.stdout, process.stderr]) stream.write(`${endOfActivation}\n`);
  }
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const said = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
  const known = { "/init": () => init(said.value ?? {}), "/run": () => run(said) }[request.url];
  const [status, answer] = known === undefined ? [500, { error: "Bad request." }] : await known();
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer));
}).listen(Number(process.argv[2]), "127.0.0.1");
