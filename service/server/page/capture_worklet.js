// Runs beside the page, on the browser's thread for audio: gathers what the microphone gives into
// pieces of a tenth of a second, as signed 16-bit numbers. A message of any kind asks for the rest
// and the end, which is told by null.
class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(Math.round(sampleRate / 10));
    this.count = 0;
    this.isEnded = false;
    this.port.onmessage = () => {
      this.isEnded = true;
      this.send();
      this.port.postMessage(null);
    };
  }

  process([input]) {
    if (this.isEnded) return false;
    for (const sample of input[0] ?? []) {
      this.piece[this.count++] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
      if (this.count === this.piece.length) this.send();
    }
    return true;
  }

  send() {
    const { buffer } = this.piece.slice(0, this.count);
    this.port.postMessage(buffer, [buffer]);
    this.count = 0;
  }
}

registerProcessor('capture', Capture);
