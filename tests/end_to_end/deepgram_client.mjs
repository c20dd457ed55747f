// Deepgram's own client (npm's @deepgram/sdk, with ws) against a running harpy serve:
//   NODE_PATH=FOLDER_OF_PACKAGES node deepgram_client.mjs PORT SAMPLE_RATE RECORDING.s16
// Streams the recording (headerless s16le mono), asks for its end and prints one JSON line:
// {"text", "interims", "speech_starts", "duration", "code"}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { DeepgramClient } = createRequire(import.meta.url)('@deepgram/sdk');
const [port, sampleRate, file] = process.argv.slice(2);
const client = new DeepgramClient({ apiKey: 'none', baseUrl: `ws://127.0.0.1:${port}` });
const connection = await client.listen.v1.connect({
  model: 'nova-3',
  encoding: 'linear16',
  sample_rate: sampleRate,
  interim_results: 'true',
  vad_events: 'true',
  reconnectAttempts: 0,
});

const finals = [];
let interims = 0;
let speechStarts = 0;
let duration = 0;
connection.on('message', (message) => {
  if (message.type === 'Error') throw new Error(message.description);
  if (message.type === 'SpeechStarted') ++speechStarts;
  if (message.type === 'Metadata') duration = message.duration;
  if (message.type !== 'Results') return;
  const { transcript } = message.channel.alternatives[0];
  if (!message.is_final) ++interims;
  else if (transcript) finals.push(transcript);
});
connection.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
connection.on('close', (event) => {
  console.log(
    JSON.stringify({
      text: finals.join(' '), interims, speech_starts: speechStarts, duration, code: event.code,
    }));
  process.exit(0);
});

connection.connect();
await connection.waitForOpen();
const bytes = readFileSync(file);
for (let begin = 0; begin < bytes.length; begin += 3200) {
  connection.sendMedia(bytes.subarray(begin, begin + 3200));
}
connection.sendKeepAlive({ type: 'KeepAlive' });
connection.sendCloseStream({ type: 'CloseStream' });
