// OpenAI's own client (npm's openai) against a running harpy serve:
//   NODE_PATH=FOLDER_OF_OPENAI node openai_client.mjs BASE_URL RECORDING NO_RECORDING
// Transcribes a recording in every form. Prints one JSON line: {"json", "text", "srt", "vtt", "verbose",
// "stream", "models", "faults"}; the last has status and message of requests that are refused.
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';

const { default: OpenAI } = createRequire(import.meta.url)('openai');
const [baseURL, recording, noRecording] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 });

const transcribe = (parameters, file = recording) =>
  client.audio.transcriptions.create({ file: createReadStream(file), model: 'whisper-1', ...parameters });
const faultOf = (request) => request.then(
  () => 'none', ({ status, message, param, code }) => ({ status, message, param, code }));

const deltas = [];
let done;
for await (const event of await transcribe({ stream: true })) {
  if (event.type === 'transcript.text.delta') deltas.push(event.delta);
  if (event.type === 'transcript.text.done') done = event.text;
}
const models = [];
for await (const model of client.models.list()) models.push(model.id);

console.log(JSON.stringify({
  json: await transcribe({ temperature: 0, language: 'en', prompt: 'Zyntri, Digique Plus.' }),
  text: await transcribe({ response_format: 'text' }),
  srt: await transcribe({ response_format: 'srt' }),
  vtt: await transcribe({ response_format: 'vtt' }),
  verbose: await transcribe({
    response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'],
  }),
  stream: { deltas, done },
  models,
  model: await client.models.retrieve(models[0]),
  faults: {
    sound: await faultOf(transcribe({}, noRecording)),
    model: await faultOf(transcribe({ model: 'gpt-4o' })),
    language: await faultOf(transcribe({ language: 'de' })),
    translation: await faultOf(client.audio.translations.create({
      file: createReadStream(recording), model: 'whisper-1',
    })),
  },
}));
