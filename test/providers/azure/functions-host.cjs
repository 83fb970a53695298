// Azure's worker process for Node, as far as its host's seam goes: it provides `@azure/functions-core`, loads the app,
// which registers itself through the real `@azure/functions`, and runs its function for each message of a queue
// (github.com/Azure/azure-functions-nodejs-worker, src/setupCoreModule.ts and src/eventHandlers/InvocationHandler.ts).
//
// node functions-host.cjs APP-FOLDER PORT

const { createServer } = require("node:http");
const Module = require("node:module");
const { join } = require("node:path");

const [, , folder, port] = process.argv;
const functions = [];
let model;

const core = {
  hostVersion: "4.1040.0",
  setProgrammingModel(given) {
    model = given;
  },
  getProgrammingModel: () => model,
  registerFunction: (metadata, callback) => functions.push({ metadata, callback }),
  registerHook: () => ({ dispose() {} }),
  log() {},
};
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "@azure/functions-core" ? core : load.call(this, request, ...rest);
};

const manifest = require(join(folder, "package.json"));
require(join(folder, manifest.main));

/** A message that is JSON goes to the function as such. */
function dataOf(text) {
  try {
    JSON.parse(text);
    return { json: text };
  } catch {
    return { string: text };
  }
}

async function invoke(text, invocationId) {
  const [{ metadata, callback }] = functions;
  const [[name, binding]] = Object.entries(metadata.bindings);
  if (binding.type !== "queueTrigger") throw new Error(`no queue triggers ${metadata.name}`);
  const request = { invocationId, inputData: [{ name, data: dataOf(text) }], triggerMetadata: {} };
  const context = { invocationId, request, metadata, state: "invocation", log() {} };
  const invocation = model.getInvocationModel(context);
  const { context: given, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(given, inputs, callback);
  await invocation.getResponse(given, result);
  return { queueName: binding.queueName, connection: binding.connection };
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const answer = (status, said) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(said));
  };
  if (request.method !== "POST") return answer(200, { functions: functions.length });
  invoke(Buffer.concat(chunks).toString(), request.headers["x-invocation-id"]).then(
    (done) => answer(200, done),
    (error) => answer(500, { error: String(error) }),
  );
}).listen(Number(port), "127.0.0.1");
