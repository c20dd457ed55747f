// gRPC's own client (npm's @grpc/grpc-js, with @grpc/proto-loader) against a running harpy serve:
//   NODE_PATH=FOLDER_OF_PACKAGES node riva_client.mjs PORT RIVA.proto RECORDING.s16 RECORDING.wav [stay]
// Streams the recording (headerless s16le mono, 16 kHz), sends it whole in several encodings, asks
// for what cannot be, and prints one JSON line of what came. With "stay" it only streams, and waits
// until the server ends the call.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const [port, proto, raw, wav, stays] = process.argv.slice(2);
const riva = grpc.loadPackageDefinition(loader.loadSync(proto, { keepCase: true, defaults: true })).nvidia.riva.asr;
const client = new riva.RivaSpeechRecognition(
  `127.0.0.1:${port}`, grpc.credentials.createInsecure());
const samples = readFileSync(raw);

const settings = {
  encoding: 'LINEAR_PCM', sample_rate_hertz: 16000, language_code: 'en-US', max_alternatives: 2,
  enable_word_time_offsets: true, speech_contexts: [{ phrases: ['one'], boost: 0.001 }],
};

// What a stream of messages gets: results, and the status at its end.
const stream = (messages) =>
  new Promise((resolve) => {
    const call = client.StreamingRecognize();
    const results = [];
    call.on('data', (response) => results.push(...response.results));
    call.on('error', () => {});
    call.on('status', ({ code, details }) => resolve({ code, details, results }));
    for (const message of messages) call.write(message);
    if (!stays) call.end();
  });
const pieces = [];
for (let begin = 0; begin < samples.length; begin += 3200) {
  pieces.push({ audio_content: samples.subarray(begin, begin + 3200) });
}

const ask = (method, request) =>
  new Promise((resolve) => {
    client[method](request, (error, response) =>
      resolve(error ? { code: error.code, details: error.details } : { code: 0, response }));
  });
const text = (results) =>
  results.map((result) => result.alternatives[0].transcript).join(' ');

const live = await stream([{ streaming_config: { config: settings, interim_results: true } }, ...pieces]);
const describe = ({ code, details, results }) => {
  const finals = results.filter((result) => result.is_final);
  return {
    code, details, text: text(finals), interims: results.length - finals.length,
    words: finals.flatMap((result) => result.alternatives[0].words),
  };
};
if (stays) {
  console.log(JSON.stringify(describe(live)));
  process.exit(0);
}
const recognize = async (config, audio) => {
  const { code, details, response } = await ask('Recognize', { config, audio, id: { value: 'mine' } });
  return response ? { text: text(response.results), id: response.id.value } : { code, details };
};
const models = await ask('GetRivaSpeechRecognitionConfig', {});
const output = {
  live: describe(live),
  raw: await recognize(settings, samples),
  wav: await recognize({ ...settings, sample_rate_hertz: 8000 }, readFileSync(wav)),
  models: models.response?.model_config.map((item) => item.model_name) ?? models.code,
  no_settings: (await stream(pieces)).code,
  flac_live: (await stream([{ streaming_config: { config: { ...settings, encoding: 'FLAC' } } }])).code,
  no_recording: (await recognize({ ...settings, encoding: 'FLAC' }, Buffer.from('no sound'))).code,
  other_model: (await recognize({ ...settings, model: 'other' }, samples)).code,
};
console.log(JSON.stringify(output));
client.close();
