// A Vosk client of another make (npm's ws) against a running harpy serve:
//   NODE_PATH=FOLDER_OF_WS node vosk_client.mjs URL SAMPLE_RATE FRAME_MS PACE RECORDING.s16…
// Streams each recording (headerless s16le mono) in a session of its own, all at once. PACE is
// "lockstep" (send a frame, wait for its reply), "paced" (in real time) or "flood" (all at once).
// Prints one JSON line a recording: {"file", "frames", "replies", "text", "code"}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { WebSocket } = createRequire(import.meta.url)('ws');
const [url, sampleRate, frameMs, pace, ...files] = process.argv.slice(2);
const frameBytes = 2 * Math.round((Number(sampleRate) * Number(frameMs)) / 1000);

function framesOf(file) {
  const bytes = readFileSync(file);
  const frames = [];
  for (let begin = 0; begin < bytes.length; begin += frameBytes) {
    frames.push(bytes.subarray(begin, begin + frameBytes));
  }
  return frames;
}

function stream(file) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const frames = framesOf(file);
    const finals = [];
    let sent = 0;
    let replies = 0;
    const sendNext = () => socket.send(sent < frames.length ? frames[sent] : '{"eof" : 1}');
    socket.on('error', reject);
    socket.on('open', () => {
      socket.send(`{ "config" : { "sample_rate" : ${sampleRate} } }`);
      if (pace === 'lockstep') {
        sendNext();
      } else if (pace === 'paced') {
        const timer = setInterval(() => {
          sendNext();
          if (++sent > frames.length) clearInterval(timer);
        }, Number(frameMs));
      } else {
        for (; sent <= frames.length; ++sent) sendNext();
      }
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) reject(new Error(`${file}: a binary reply`));
      const reply = JSON.parse(data.toString());
      if (reply.error) reject(new Error(`${file}: ${reply.error}`));
      if (reply.text) finals.push(reply.text);
      ++replies;
      if (pace === 'lockstep' && ++sent <= frames.length) sendNext();
    });
    socket.on('close', (code) =>
      resolve({ file, frames: frames.length, replies, text: finals.join(' '), code }));
  });
}

for (const result of await Promise.all(files.map(stream))) console.log(JSON.stringify(result));
