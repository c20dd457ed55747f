"""A day of one cell of a fleet: servers of harpy serve behind a load balancer, with an autoscaler.

    python3 tests/bench/fleet/simulation.py [--help]      a day, with the options' defaults
    python3 tests/bench/fleet/simulation.py --check       the simulation against Erlang's formula

Sessions arrive as a Poisson process whose rate follows the hours of the day. They are commands, calls and captions, with
log-normal lengths. Each goes to the server with the fewest sessions; when all are full it is refused. The autoscaler is
Kubernetes's, with the figures of tools/operations/kubernetes/serve.yaml. Servers fail at random, a zone of them at one
hour if that is asked for; whoever loses a session comes back within seconds. Servers are replaced by new ones for a
roll-out: each drains first, and what then still speaks after the drain timeout gets its final and comes back.
"""

import argparse
import heapq
import itertools
import math
import random
from collections import deque
from dataclasses import dataclass, field

DAY_S = 86400.0
# Share of sessions, mean length in seconds, and sigma of its logarithm.
KINDS = ((0.3, 6.0, 0.6), (0.6, 240.0, 0.9), (0.1, 2400.0, 0.7))
ZONES = 3
RETURN_S = 5.0  # whoever was cut off comes back within so many seconds
SYNC_S = 15.0  # of the autoscaler
TOLERANCE = 0.1
SCALE_DOWN_WINDOW_S, SCALE_DOWN_PERIOD_S, SCALE_DOWN_SHARE = 600.0, 300.0, 0.1
SCALE_UP_PERIOD_S, SCALE_UP_SHARE, SCALE_UP_COUNT = 60.0, 0.5, 4


@dataclass(eq=False)
class Server:
    zone: int
    old: bool  # is to be replaced by the roll-out
    ready: bool = False
    draining: bool = False
    gone: bool = False
    sessions: dict = field(default_factory=dict)  # in the order of their beginnings; no values
    began_s: float = 0.0


@dataclass(eq=False)
class Session:
    end_s: float
    server: Server


class Simulation:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.now = 0.0
        self.events = []  # (time, order, function, arguments)
        self.order = itertools.count()
        self.servers = []
        self.wanted = options.least_servers
        self.desired_lately = deque()  # (time, count)
        self.scaled_up, self.scaled_down = deque(), deque()  # (time, change)
        self.mean_length_s = sum(share * mean for share, mean, _ in KINDS)
        self.offered = self.refused = self.lost = self.moved = 0
        self.session_s = self.server_s = self.capacity_s = 0.0
        self.most = 0

    def at(self, time_s, function, *arguments):
        heapq.heappush(self.events, (time_s, next(self.order), function, arguments))

    # Sessions

    def rate(self, time_s):
        """Sessions a second, as the hour of the day says: least at 4, most at 16 o'clock."""
        wave = (1.0 - math.cos(2.0 * math.pi * (time_s / DAY_S - 4.0 / 24.0))) / 2.0
        level = self.options.night + (1.0 - self.options.night) * wave
        return self.options.peak_streams / self.mean_length_s * level

    def length_s(self):
        choice = self.random.random()
        for share, mean, sigma in KINDS:
            choice -= share
            if choice < 0.0:
                break
        return self.random.lognormvariate(math.log(mean) - sigma * sigma / 2.0, sigma)

    def arrive(self):
        most = self.options.peak_streams / self.mean_length_s
        if self.random.random() * most < self.rate(self.now):
            self.offered += 1
            self.begin(self.length_s())
        self.at(self.now + self.random.expovariate(most), self.arrive)

    def begin(self, length_s):
        free = [item for item in self.servers if item.ready and not item.draining and not item.gone]
        server = min(free, key=lambda item: len(item.sessions), default=None)
        if server is None or len(server.sessions) >= self.options.server_streams:
            self.refused += 1
            return
        session = Session(self.now + length_s, server)
        server.sessions[session] = None
        self.session_s += length_s
        self.at(session.end_s, self.end, session)

    def end(self, session):
        if session in session.server.sessions:
            del session.server.sessions[session]
            self.leave_if_done(session.server)

    def cut_off(self, server):
        """Ends all sessions of a server, whose clients come back; how many."""
        count = len(server.sessions)
        for session in server.sessions:
            rest_s = session.end_s - self.now
            self.session_s -= rest_s
            self.at(self.now + self.random.uniform(0.0, RETURN_S), self.begin, rest_s)
        server.sessions.clear()
        return count

    # Servers

    def start(self, zone, old=False, ready_s=None):
        server = Server(zone, old, began_s=self.now)
        self.servers.append(server)
        self.at(self.now + (self.options.start_s if ready_s is None else ready_s), self.serve, server)
        self.at(self.now + self.random.expovariate(1.0 / (self.options.days_between_failures * DAY_S)), self.fail, server)
        return server

    def serve(self, server):
        server.ready = not server.gone

    def leave(self, server):
        server.gone = True
        self.server_s += self.now - server.began_s
        self.servers.remove(server)

    def leave_if_done(self, server):
        if server.draining and not server.sessions and not server.gone:
            self.leave(server)

    def drain(self, server):
        if server.gone or server.draining:
            return
        server.draining = True
        self.at(self.now + self.options.drain_s, self.stop_draining, server)
        self.leave_if_done(server)

    def stop_draining(self, server):
        if not server.gone:
            self.moved += self.cut_off(server)
            self.leave(server)

    def fail(self, server):
        if server.gone:
            return
        self.lost += self.cut_off(server)
        self.leave(server)
        if not server.draining:
            self.start(server.zone, server.old)

    def fail_zone(self):
        """The zone stays away for the rest of the day: its servers are started in the others."""
        for server in [item for item in self.servers if item.zone == 0]:
            self.lost += self.cut_off(server)
            self.leave(server)
            if not server.draining:
                self.start(self.emptiest_zone(range(1, ZONES)), server.old)

    def counted(self):
        return [item for item in self.servers if not item.draining]

    def emptiest_zone(self, zones):
        return min(zones, key=lambda zone: sum(item.zone == zone for item in self.counted()))

    # The autoscaler (Kubernetes, "Horizontal Pod Autoscaling")

    def scale(self):
        ready = [item for item in self.counted() if item.ready]
        load = sum(len(item.sessions) for item in ready) / max(len(ready) * self.options.server_streams, 1)
        self.capacity_s += SYNC_S * len(ready) * self.options.server_streams
        ratio = load / self.options.target
        desired = self.wanted if abs(ratio - 1.0) <= TOLERANCE else math.ceil(len(ready) * ratio)
        desired = max(desired, self.options.least_servers)
        self.desired_lately.append((self.now, desired))
        self.forget(self.desired_lately, SCALE_DOWN_WINDOW_S)
        self.forget(self.scaled_up, SCALE_UP_PERIOD_S)
        self.forget(self.scaled_down, SCALE_DOWN_PERIOD_S)
        if desired > self.wanted:
            before = self.wanted - sum(change for _, change in self.scaled_up)
            most = before + max(SCALE_UP_COUNT, math.ceil(SCALE_UP_SHARE * before))
            self.resize(min(desired, max(most, self.wanted)), self.scaled_up)
        else:
            desired = max(count for _, count in self.desired_lately)
            before = self.wanted + sum(change for _, change in self.scaled_down)
            least = math.floor((1.0 - SCALE_DOWN_SHARE) * before)
            if desired < self.wanted:
                self.resize(max(desired, min(least, self.wanted)), self.scaled_down)
        self.most = max(self.most, len(self.servers))
        self.at(self.now + SYNC_S, self.scale)

    def forget(self, entries, age_s):
        while entries and entries[0][0] <= self.now - age_s:
            entries.popleft()

    def resize(self, count, changes):
        if count == self.wanted:
            return
        changes.append((self.now, abs(count - self.wanted)))
        self.wanted = count
        running = self.counted()
        for _ in range(count - len(running)):
            self.start(self.emptiest_zone(range(ZONES)))
        for server in sorted(running, key=lambda item: len(item.sessions))[: max(len(running) - count, 0)]:
            self.drain(server)

    def roll_out(self):
        for server in self.servers:
            server.old = True
        self.replace_next()

    def replace_next(self):
        """Starts new servers beside the old ones, a tenth at a time; each lets an old one drain when it is ready."""
        old = [item for item in self.counted() if item.old]
        for server in old[: max(len(self.counted()) // 10, 1)]:
            self.start(server.zone)
            self.at(self.now + self.options.start_s, self.drain, server)
        if old:
            self.at(self.now + self.options.start_s + SYNC_S, self.replace_next)

    def run(self, end_s):
        for index in range(self.options.least_servers):
            self.start(index % ZONES, ready_s=0.0)
        self.at(0.0, self.arrive)
        self.at(0.0, self.scale)
        if self.options.roll_out_hour is not None:
            self.at(self.options.roll_out_hour * 3600.0, self.roll_out)
        if self.options.zone_failure_hour is not None:
            self.at(self.options.zone_failure_hour * 3600.0, self.fail_zone)
        while self.events and self.events[0][0] <= end_s:
            self.now, _, function, arguments = heapq.heappop(self.events)
            function(*arguments)
        self.now = end_s
        for server in list(self.servers):
            self.session_s -= sum(session.end_s - end_s for session in server.sessions)
            self.leave(server)
        return self


def tell(done):
    hours = done.session_s / 3600.0
    print(
        f"{done.offered:,} sessions, {hours:,.0f} hours; at most {done.most} servers,"
        f" {100.0 * done.session_s / done.capacity_s:.0f} % of the slots in use"
    )
    print(
        f"refused {done.refused} ({1e6 * done.refused / done.offered:.0f} in a million),"
        f" lost by failures {done.lost} ({1e6 * done.lost / done.offered:.0f} in a million),"
        f" moved by drains {done.moved}"
    )
    print(f"{1000.0 * done.server_s / 3600.0 / hours:.2f} hours of servers for 1,000 hours of streams")


def erlang_b(servers, load):
    """The share of calls that find all of so many lines taken (A. K. Erlang, 1917)."""
    share = 1.0
    for count in range(1, servers + 1):
        share = load * share / (count + load * share)
    return share


def check(options):
    """Without failures, autoscaler and hours, refusals follow Erlang's formula whatever the lengths."""
    options.night, options.least_servers, options.server_streams, options.peak_streams = 1.0, 2, 20, 34.0
    options.days_between_failures, options.target, options.seed = 1e9, 1e9, 3
    done = Simulation(options).run(30.0 * DAY_S)
    expected = erlang_b(40, 34.0)
    share = done.refused / done.offered
    print(f"refused {100.0 * share:.2f} %, by Erlang's formula {100.0 * expected:.2f} %")
    return abs(share - expected) < 0.1 * expected


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--peak-streams", type=float, default=2000.0, help="streams at once that are wanted at 16 o'clock")
    parser.add_argument("--night", type=float, default=0.2, help="share of them that is left at 4 o'clock")
    parser.add_argument("--server-streams", type=int, default=100, help="slots of a server")
    parser.add_argument("--least-servers", type=int, default=3)
    parser.add_argument("--target", type=float, default=0.6, help="share of the slots that the autoscaler aims at")
    parser.add_argument("--start-s", type=float, default=60.0, help="from the wish for a server until it is ready")
    parser.add_argument("--drain-s", type=float, default=300.0, help="drain timeout of the servers")
    parser.add_argument("--days-between-failures", type=float, default=30.0, help="of one server")
    parser.add_argument("--roll-out-hour", type=float)
    parser.add_argument("--zone-failure-hour", type=float)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.check:
        raise SystemExit(0 if check(options) else 1)
    tell(Simulation(options).run(DAY_S))


if __name__ == "__main__":
    main()
