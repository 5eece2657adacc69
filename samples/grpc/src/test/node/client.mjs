// node client.mjs PROTO GRPC_ADDRESS HTTP_ADDRESS: asks the servers by grpc-js and by Node's fetch. The last line counts the checks.
import assert from 'node:assert/strict';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [proto, grpcAddress, httpAddress] = process.argv.slice(2);
const definition = loader.loadSync(proto, { keepCase: true, longs: Number, defaults: true, arrays: true });
const { inference } = grpc.loadPackageDefinition(definition);
const client = new inference.GRPCInferenceService(grpcAddress, grpc.credentials.createInsecure());

const call = (method, request, deadline = 30000) =>
  new Promise((resolve, reject) =>
    client[method](request, { deadline: Date.now() + deadline }, (error, response) =>
      error ? reject(error) : resolve(response)));

const post = async (path, body) => {
  const response = await fetch(httpAddress + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};

let passed = 0;
const check = async (name, test) => {
  await test();
  passed++;
  console.log(`ok ${name}`);
};

const x = [1.5, -2, 3, 4, 5, 6];
const inputs = [
  { name: 'x', datatype: 'FP32', shape: [2, 3], contents: { fp32_contents: x } },
  { name: 's', datatype: 'BYTES', shape: [2], contents: { bytes_contents: [Buffer.from('é'), Buffer.alloc(0)] } },
];
const good = { model_name: 'scale', id: 'q', inputs };

await check('the server is live and ready', async () => {
  assert.equal((await call('ServerLive', {})).live, true);
  assert.equal((await call('ServerReady', {})).ready, true);
  assert.equal((await call('ModelReady', { name: 'scale', version: 'latest' })).ready, true);
  assert.equal((await call('ServerMetadata', {})).name, 'tenon');
});

await check('the metadata are those of HTTP', async () => {
  const ours = await call('ModelMetadata', { name: 'scale' });
  const theirs = await (await fetch(`${httpAddress}/v2/models/scale`)).json();
  delete ours.properties;
  assert.deepEqual(ours, theirs);
});

await check('predictions from fields', async () => {
  const response = await call('ModelInfer', good);
  assert.equal(response.id, 'q');
  assert.deepEqual(response.outputs[0].shape, [2, 3]);
  assert.deepEqual(response.outputs[0].contents.fp32_contents, x.map((v) => 10 * v));
  assert.deepEqual(response.outputs[1].contents.bytes_contents.map(String), ['é', '']);
});

await check('predictions from raw bytes', async () => {
  const text = Buffer.from([2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0]);
  const raw = inputs.map(({ contents, ...tensor }) => tensor);
  const response = await call('ModelInfer', {
    ...good,
    inputs: raw,
    raw_input_contents: [Buffer.from(new Float32Array(x).buffer), text],
  });
  const bytes = response.raw_output_contents[0];
  const y = Array.from({ length: 6 }, (_, i) => bytes.readFloatLE(4 * i));
  assert.deepEqual(y, x.map((v) => 10 * v));
  assert.deepEqual(response.raw_output_contents[1], text);
});

await check('HTTP gives the same numbers', async () => {
  const json = [
    { name: 'x', datatype: 'FP32', shape: [2, 3], data: x },
    { name: 's', datatype: 'BYTES', shape: [2], data: ['é', ''] },
  ];
  const { status, body } = await post('/v2/models/scale/infer', { id: 'q', inputs: json });
  assert.equal(status, 200);
  const response = await call('ModelInfer', good);
  assert.deepEqual(body.outputs[0].data, response.outputs[0].contents.fp32_contents);
  assert.equal(body.model_version, response.model_version);
});

await check('many calls at the same time', async () => {
  const responses = await Promise.all(
    Array.from({ length: 500 }, (_, i) =>
      call('ModelInfer', {
        ...good,
        inputs: [{ ...inputs[0], shape: [1, 3], contents: { fp32_contents: [i, 2 * i, 3 * i] } }, inputs[1]],
      })));
  responses.forEach((response, i) =>
    assert.deepEqual(response.outputs[0].contents.fp32_contents, [10 * i, 20 * i, 30 * i]));
});

const { INVALID_ARGUMENT, NOT_FOUND, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED } = grpc.status;
const refused = [
  [{ ...good, model_name: 'other' }, NOT_FOUND, 404, 'other'],
  [{ ...good, model_version: '9' }, NOT_FOUND, 404, '9'],
  [{ ...good, inputs: [] }, INVALID_ARGUMENT, 400, 'inputs'],
  [{ ...good, inputs: [inputs[0]] }, INVALID_ARGUMENT, 400, "'s'"],
  [{ ...good, inputs: [{ ...inputs[0], datatype: 'FLOAT' }, inputs[1]] }, INVALID_ARGUMENT, 400, 'FLOAT'],
  [{ ...good, inputs: [{ ...inputs[0], shape: [3, 3] }, inputs[1]] }, INVALID_ARGUMENT, 400, '[3, 3]'],
  [{ ...good, inputs: [{ ...inputs[0], shape: [99999999, 99999999] }, inputs[1]] }, RESOURCE_EXHAUSTED, 413, 'large'],
  [{ ...good, outputs: [{ name: 'z' }] }, INVALID_ARGUMENT, 400, 'z'],
];
for (const [request, code, status, word] of refused) {
  await check(`both refuse a request: ${word}`, async () => {
    await assert.rejects(call('ModelInfer', request), (error) => {
      assert.equal(error.code, code, error.message);
      assert.ok(error.details.includes(word), error.details);
      return true;
    });
    const { model_name, model_version, inputs: tensors, ...rest } = request;
    const version = model_version ? `/versions/${model_version}` : '';
    const json = tensors.map(({ contents, ...tensor }) => ({
      ...tensor,
      data: contents.fp32_contents ?? contents.bytes_contents.map(String),
    }));
    const response = await post(`/v2/models/${model_name}${version}/infer`, { ...rest, inputs: json });
    assert.equal(response.status, status);
    assert.ok(response.body.error.includes(word), response.body.error);
  });
}

await check('both list the versions', async () => {
  const { models } = await call('RepositoryIndex', { ready: true });
  assert.deepEqual(models, [{ name: 'scale', version: '1', state: 'READY', reason: 'SERVING' }]);
  assert.deepEqual((await post('/v2/repository/index', { ready: true })).body, models);
});

await check('a version of the repository, loaded by one and dropped by the other', async () => {
  const version = { version: { string_param: '2' } };
  await call('RepositoryModelLoad', { model_name: 'scale', parameters: version });
  const response = await call('ModelInfer', { ...good, model_version: '2' });
  assert.deepEqual(response.outputs[0].contents.fp32_contents, x.map((v) => 100 * v));
  const { status } = await post('/v2/repository/models/scale/unload', { parameters: { version: '2' } });
  assert.equal(status, 200);
  await assert.rejects(call('ModelInfer', { ...good, model_version: '2' }), { code: NOT_FOUND });
});

await check('both refuse a name that leads out of the repository', async () => {
  await assert.rejects(call('RepositoryModelLoad', { model_name: '../scale' }), { code: INVALID_ARGUMENT });
  assert.equal((await post('/v2/repository/models/..%2Fscale/load', {})).status, 400);
});

await check('a deadline that has passed', async () => {
  await assert.rejects(call('ModelInfer', good, -1), { code: DEADLINE_EXCEEDED });
});

client.close();
console.log(`${passed} checks passed`);
