#!/usr/bin/env python3
"""Kaldi's online decoder and Harpy, with one model and one graph, on one core.

    tests/bench/kaldi/online_decoder.py KALDI HARPY MODEL MANIFEST [ROUNDS]

KALDI is a built online2-wav-nnet3-latgen-faster, MODEL a folder of Vosk's with i-vectors, MANIFEST has
a WAV file a line at the rate of the model. Kaldi takes pieces of 0.18 s, without endpoints and
dither; Harpy takes whole recordings too, which it cuts into blocks of 0.21 s, in float32 and in
bfloat16. They take turns for ROUNDS (3). Prints the medians of the CPU seconds for a second of audio,
with start and loading in them, how they compare, word errors, and what recognising adds to the memory
of the process. Harpy counts silence as Kaldi's program does, like speech.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import wave

from recordings import Recordings

IVECTOR_FILES = {
    "splice-config": "splice.conf",
    "cmvn-config": "online_cmvn.conf",
    "lda-matrix": "final.mat",
    "global-cmvn-stats": "global_cmvn.stats",
    "diag-ubm": "final.dubm",
    "ivector-extractor": "final.ie",
}
# As Vosk has them.
IVECTOR_OPTIONS = ["--num-gselect=5", "--min-post=0.025", "--posterior-scale=0.1",
                   "--max-remembered-frames=1000", "--max-count=100", "--ivector-period=10"]


def kaldi_command(program, model, folder):
    """The decoder for the recordings that wav.scp and spk2utt in the folder name."""
    with open(f"{model}/conf/mfcc.conf") as options:
        write_lines(f"{folder}/mfcc.conf", options.read().splitlines() + ["--dither=0"])
    write_lines(f"{folder}/ivectors.conf", IVECTOR_OPTIONS + [
        f"--{option}={model}/ivector/{name}" for option, name in IVECTOR_FILES.items()])
    return [program, f"--config={model}/conf/model.conf", "--feature-type=mfcc",
            f"--mfcc-config={folder}/mfcc.conf",
            f"--ivector-extraction-config={folder}/ivectors.conf", "--online=true",
            "--chunk-length=0.18", "--do-endpointing=false",
            f"--word-symbol-table={model}/graph/words.txt", f"{model}/am/final.mdl",
            f"{model}/graph/HCLG.fst", f"ark:{folder}/spk2utt", f"scp:{folder}/wav.scp",
            "ark:/dev/null"]


def write_lines(path, lines):
    with open(path, "w") as file:
        file.writelines(line + "\n" for line in lines)


class Run:
    """What a process took, and its output's lines that begin with a recording's number."""

    def __init__(self, command, output):
        process = subprocess.Popen(command, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{' '.join(command)}\n{output.read()[-2000:]}")
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.peak_mb = usage.ru_maxrss / 1024
        output.seek(0)
        self.texts = {}
        for line in output:
            number, _, text = line.strip().partition("\t" if "\t" in line else " ")
            if number.startswith("recording-"):
                self.texts[number] = text


def run(command):
    with tempfile.TemporaryFile("w+") as output:
        return Run(command, output)


def begin_of(path, copy):
    """The first 0.1 s of a recording, which takes hardly more than what is loaded."""
    with wave.open(path) as whole, wave.open(copy, "wb") as part:
        part.setparams(whole.getparams())
        part.writeframes(whole.readframes(whole.getframerate() // 10))


def write_lists(folder, paths):
    """The recordings as Kaldi's tables and as a manifest."""
    names = [f"recording-{index:05d}" for index in range(len(paths))]
    write_lines(f"{folder}/wav.scp", map(" ".join, zip(names, paths)))
    write_lines(f"{folder}/spk2utt", [f"{name} {name}" for name in names])
    write_lines(f"{folder}/manifest.jsonl", [
        f'{{"id": "{name}", "audio": "{path}"}}' for name, path in zip(names, paths)])
    return names


def main():
    kaldi, harpy, model, manifest = map(os.path.abspath, sys.argv[1:5])
    rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    recordings = Recordings(manifest)
    paths = [line["audio"] for line in recordings.lines]
    with tempfile.TemporaryDirectory() as folder:
        package = f"{folder}/package"
        run([harpy, "convert", "--silence-weight", "1", model, package])
        transcribe = [harpy, "transcribe", "--jobs", "1", "--no-rescore", "--model", package,
                      "--manifest", f"{folder}/manifest.jsonl"]
        commands = {"Kaldi": kaldi_command(kaldi, model, folder), "Harpy, fp32": transcribe,
                    "Harpy, bf16": transcribe + ["--precision", "bf16"]}
        begin_of(paths[0], f"{folder}/begin.wav")
        write_lists(folder, [f"{folder}/begin.wav"])
        loaded_mb = {name: run(command).peak_mb for name, command in commands.items()}
        names = write_lists(folder, paths)
        runs = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                runs[name].append(run(command))
    cost = {name: statistics.median(one.cpu_s for one in all_runs) / recordings.seconds
            for name, all_runs in runs.items()}
    print(f"{len(paths)} recordings, {recordings.seconds:.0f} s, one core, {rounds} rounds")
    for name, all_runs in runs.items():
        texts = [all_runs[0].texts.get(number, "") for number in names]
        added_mb = statistics.median(one.peak_mb for one in all_runs) - loaded_mb[name]
        print(f"{name}: {cost[name]:.4f} s of CPU for a second of audio, "
              f"{cost['Kaldi'] / cost[name]:.2f} times as fast as Kaldi, "
              f"{recordings.error_rate(texts):.2f} % of the words wrong, {added_mb:.1f} MB beside "
              f"{loaded_mb[name]:.1f} MB once loaded")


if __name__ == "__main__":
    main()
