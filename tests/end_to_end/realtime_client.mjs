// OpenAI's own client (npm's openai, with ws) against a running harpy serve:
//   NODE_PATH=FOLDER_OF_PACKAGES node realtime_client.mjs PORT SAMPLE_RATE RECORDING.s16
// Has the recording (headerless s16le mono) transcribed as one item and prints one JSON line:
// {"text", "delta", "seconds", "types"}.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { OpenAI } = require('openai');
const { OpenAIRealtimeWS } = require('openai/realtime/ws');
const [port, sampleRate, file] = process.argv.slice(2);

// The client insists on wss. This agent lets it have its way without encryption.
const agent = new Agent();
agent.protocol = 'https:';
const client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${port}/v1` });
const realtime = new OpenAIRealtimeWS({ model: 'harpy', options: { agent } }, client);

const types = [];
let delta = '';
realtime.on('event', (event) => types.push(event.type));
realtime.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
realtime.on('session.created', () =>
  realtime.send({
    type: 'session.update',
    session: {
      type: 'transcription',
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: Number(sampleRate) },
          transcription: { model: 'whisper-1', language: 'en' },
          turn_detection: null,
        },
      },
    },
  }));
realtime.on('session.updated', () => {
  const bytes = readFileSync(file);
  for (let begin = 0; begin < bytes.length; begin += 12000) {
    const audio = bytes.subarray(begin, begin + 12000).toString('base64');
    realtime.send({ type: 'input_audio_buffer.append', audio });
  }
  realtime.send({ type: 'input_audio_buffer.commit' });
});
realtime.on('conversation.item.input_audio_transcription.delta', (event) => (delta += event.delta));
realtime.on('conversation.item.input_audio_transcription.completed', (event) => {
  console.log(
    JSON.stringify({ text: event.transcript, delta, seconds: event.usage.seconds, types }));
  realtime.close();
  process.exit(0);
});
