"""How much memory a stream takes in harpy serve: connected, and speaking in real time.

    tests/bench/serving/stream_memory.py HARPY RECORDING.wav [STREAMS [SECONDS [OPTION…]]]

Starts a server (OPTIONs go to `harpy serve`) and lets STREAMS (64) speak for 20 s, so that every
worker has what it needs once. When they are gone it opens as many that say nothing and lets them
speak for SECONDS (60). Prints the server's resident memory, and how much the streams add to it.
"""

import sys
import tempfile
import threading
import time

from serve_process import ServeProcess, VoskClient, read_recording

FRAME_S = 0.1
LOOK_S = 0.5
FIRST_S = 20.0
REST_S = 12.0  # what was freed goes back to the system within ten seconds


def speak(client, rate, samples, seconds, offset=0):
    """Streams a recording over and over from a place on, in real time and in lockstep."""
    frame_bytes = 2 * int(FRAME_S * rate)
    begun = time.monotonic()
    for index in range(int(seconds / FRAME_S)):
        time.sleep(max(0.0, begun + index * FRAME_S - time.monotonic()))
        at = (offset + index * frame_bytes) % max(frame_bytes, len(samples) - frame_bytes)
        client.send_audio(samples[at : at + frame_bytes])
        client.receive()


def start_speaking(clients, rate, samples, seconds):
    """Lets each client speak in a thread, from another place of the recording on."""
    step = 2 * int(0.37 * rate)
    threads = [
        threading.Thread(target=speak, args=(client, rate, samples, seconds, step * index))
        for index, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    return threads


def main():
    harpy, path = sys.argv[1:3]
    stream_count = int(sys.argv[3]) if len(sys.argv) > 3 else 64
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 60.0
    limits = ["--max-sessions", "10000", "--max-sessions-per-address", "10000",
              "--max-connections", "10000", "--max-connections-per-address", "10000",
              "--max-requests", "10000", "--max-load", "1000"]
    rate, samples = read_recording(path)
    with tempfile.NamedTemporaryFile("w") as log:
        with ServeProcess(harpy, log.name, limits + sys.argv[5:]) as server:
            fresh_mb = server.resident_mb()
            clients = [VoskClient(server.port, rate) for _ in range(stream_count)]
            for thread in start_speaking(clients, rate, samples, FIRST_S):
                thread.join()
            for client in clients:
                client.close()
            time.sleep(REST_S)
            alone_mb = server.resident_mb()
            clients = [VoskClient(server.port, rate) for _ in range(stream_count)]
            time.sleep(1.0)
            connected_mb = server.resident_mb()
            threads = start_speaking(clients, rate, samples, seconds)
            speaking_mb = []
            while any(thread.is_alive() for thread in threads):
                speaking_mb.append(server.resident_mb())
                time.sleep(LOOK_S)
            for client in clients:
                client.close()
            time.sleep(REST_S)
            after_mb = server.resident_mb()

    def per_stream(megabytes):
        return (megabytes - alone_mb) / stream_count

    half = speaking_mb[len(speaking_mb) // 2 :]
    print(f"server alone {fresh_mb:.1f} MB, once streams have spoken {alone_mb:.1f} MB; "
          f"each of {stream_count} streams adds:")
    print(f"  connected {per_stream(connected_mb):.3f} MB")
    print(f"  speaking  {per_stream(sum(half) / len(half)):.3f} MB on average, "
          f"{per_stream(max(speaking_mb)):.3f} MB at most")
    print(f"  gone      {per_stream(after_mb):.3f} MB is left of it")


if __name__ == "__main__":
    main()
