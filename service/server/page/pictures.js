// Waveform and spectrogram of live sound, which move from right to left as time goes by.

const kPixelsPerSecond = 50;
const kLeastHz = 60;
const kMostHz = 8000;
const kShades = 256;

/** Hertz to a scale on which steps of pitch sound alike (mel), and back. */
const melOf = (hz) => Math.log1p(hz / 700);
const hzOf = (mel) => 700 * Math.expm1(mel);

/** A colour of the style sheet as red, green and blue. */
function colourOf(name) {
  const probe = new OffscreenCanvas(1, 1).getContext('2d');
  probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
  probe.fillRect(0, 0, 1, 1);
  return probe.getImageData(0, 0, 1, 1).data;
}

/** Shades from silence to loud: the style sheet's --spectrum-0 to --spectrum-4 and what lies between. */
function makeShades() {
  const stops = [0, 1, 2, 3, 4].map((index) => colourOf(`--spectrum-${index}`));
  return Array.from({ length: kShades }, (_, shade) => {
    const place = (shade / (kShades - 1)) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    return [0, 1, 2].map((channel) =>
      stops[below][channel] + (place - below) * (stops[below + 1][channel] - stops[below][channel]));
  });
}

export class Pictures {
  constructor(waveform, spectrogram) {
    this.canvases = [waveform, spectrogram];
    this.waveform = waveform.getContext('2d');
    this.spectrogram = spectrogram.getContext('2d', { willReadFrequently: false });
    this.analyser = null;
    const renew = () => this.clear();
    new ResizeObserver(renew).observe(waveform);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', renew);
  }

  /** Empties both pictures, in the size and the colours that hold now. */
  clear() {
    this.ratio = window.devicePixelRatio || 1;
    this.shades = makeShades();
    this.waveColour = `rgb(${colourOf('--wave').slice(0, 3).join(' ')})`;
    for (const canvas of this.canvases) {
      canvas.width = Math.round(canvas.clientWidth * this.ratio);
      canvas.height = Math.round(canvas.clientHeight * this.ratio);
    }
    const { width, height } = this.spectrogram.canvas;
    this.spectrogram.fillStyle = `rgb(${this.shades[0].join(' ')})`;
    this.spectrogram.fillRect(0, 0, width, height);
    this.drawWave(this.waveform.canvas.width, 0);
  }

  start(analyser) {
    this.clear();
    this.analyser = analyser;
    this.samples = new Float32Array(analyser.fftSize);
    this.levels = new Uint8Array(analyser.frequencyBinCount);
    this.drawnAt = performance.now();
    this.left = 0;
    requestAnimationFrame((now) => this.draw(now));
  }

  stop() { this.analyser = null; }

  draw(now) {
    if (!this.analyser) return;
    requestAnimationFrame((next) => this.draw(next));
    this.left += ((now - this.drawnAt) / 1000) * kPixelsPerSecond * this.ratio;
    this.drawnAt = now;
    const columns = Math.min(Math.floor(this.left), this.waveform.canvas.width);
    if (columns < 1) return;
    this.left -= Math.floor(this.left);
    for (const picture of [this.waveform, this.spectrogram]) {
      picture.globalCompositeOperation = 'copy';
      picture.drawImage(picture.canvas, -columns, 0);
      picture.globalCompositeOperation = 'source-over';
    }
    this.analyser.getFloatTimeDomainData(this.samples);
    this.drawWave(columns, this.samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
    this.analyser.getByteFrequencyData(this.levels);
    this.drawSpectrum(columns);
  }

  /** Columns at the right of so loud a sound; quiet ones are shown larger than they are. */
  drawWave(columns, peak) {
    const { width, height } = this.waveform.canvas;
    const half = Math.max(this.ratio / 2, (Math.sqrt(peak) * (height - 4 * this.ratio)) / 2);
    this.waveform.fillStyle = this.waveColour;
    this.waveform.fillRect(width - columns, height / 2 - half, columns, 2 * half);
  }

  drawSpectrum(columns) {
    const { width, height } = this.spectrogram.canvas;
    const column = this.spectrogram.createImageData(columns, height);
    const binHz = this.analyser.context.sampleRate / this.analyser.fftSize;
    const [least, most] = [melOf(kLeastHz), melOf(kMostHz)];
    for (let y = 0; y < height; ++y) {
      const hz = hzOf(most - ((most - least) * y) / (height - 1));
      const shade = this.shades[this.levels[Math.min(Math.round(hz / binHz), this.levels.length - 1)]];
      for (let x = 0; x < columns; ++x) {
        column.data.set([shade[0], shade[1], shade[2], 255], 4 * (y * columns + x));
      }
    }
    this.spectrogram.putImageData(column, width - columns, 0);
  }
}
