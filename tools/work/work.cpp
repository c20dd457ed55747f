#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/options/commands.hpp"
#include "tools/terminal/stop_signal.hpp"
#include "tools/transcribe/recognition_options.hpp"
#include "tools/work/line_work.hpp"
#include "tools/work/redis_work.hpp"

namespace harpy::tools {

namespace {

struct WorkOptions {
  RecognitionOptions recognition;
  OutputOptions results;  ///< of which only what jsonl tells is asked for
  RedisWorkOptions redis;
};

void work(const WorkOptions& options) {
  const bool has_redis = !options.redis.server.empty();
  // Noted from the start, so that a worker that is ended early has begun nothing.
  if (has_redis) {
    note_stop_signals();
    std::signal(SIGPIPE, SIG_IGN);  // a connection that is lost is an error of it alone
  }
  const RunningRecognizer running = start_recognizer(options.recognition, options.results);
  const LineAnswerer answer = [&](const std::string& line, const std::string& source) {
    return answer_line(*running.recognizer, {.session = running.session, .progress = {}}, line,
                       source);
  };
  if (!has_redis) {
    work_on_lines(std::cin, std::cout, running.threads.sessions, answer);
    return;
  }
  RedisWorkOptions redis = options.redis;
  redis.thread_count = running.threads.sessions;
  work_on_redis(redis, answer, is_stop_requested);
}

void add_redis_options(CLI::App& command, RedisWorkOptions& redis) {
  CLI::Option* server =
      command
          .add_option(
              "--redis", redis.server,
              "Take recordings from a stream of this Redis server instead of standard "
              "input: redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// for TLS, or "
              "unix://PATH")
          ->envname("HARPY_REDIS");
  command
      .add_option("--redis-cacert", redis.tls.authorities,
                  "File in PEM of those who vouch for the certificate of a rediss:// server; "
                  "without it those whom the system trusts")
      ->needs(server);
  command
      .add_option("--redis-cert", redis.tls.certificate,
                  "File in PEM with the certificate that a rediss:// server is shown")
      ->needs(server);
  command
      .add_option("--redis-key", redis.tls.key, "File in PEM with the private key of --redis-cert")
      ->needs(server);
  command
      .add_option("--stream", redis.stream,
                  "Stream of --redis; results go to the hash STREAM:results, what was set aside "
                  "to STREAM:failed")
      ->needs(server);
  command.add_option("--group", redis.group, "Consumer group of --stream; made if missing")
      ->needs(server);
  command
      .add_option("--claim-after", redis.claim_after_s,
                  "Seconds after which a recording is taken from a worker that gives no sign of "
                  "life")
      ->check(CLI::Range(0.1, 86400.0))
      ->needs(server);
  command
      .add_option("--tries", redis.tries,
                  "How often a recording is tried that fails or ends its workers, before it is "
                  "set aside")
      ->check(CLI::Range(1, 1000))
      ->needs(server);
  command
      .add_option("--max-results", redis.max_results,
                  "Take no recording while so many results wait to be taken away; 0: no limit")
      ->check(CLI::NonNegativeNumber)
      ->needs(server);
  command
      .add_flag("--until-empty", redis.until_empty,
                "End when the stream has no recordings left, instead of waiting for more")
      ->needs(server);
}

}  // namespace

void add_work_command(CLI::App& program) {
  auto options = std::make_shared<WorkOptions>();
  options->results.formats = {"jsonl"};
  CLI::App* command = program.add_subcommand(
      "work",
      "Transcribe recordings that are asked for one by one: a line of JSON on standard input, a "
      "line of JSON on standard output; or from a Redis stream");
  add_model_option(*command, options->recognition);
  add_detail_options(*command, options->results);
  add_second_pass_options(*command, options->recognition);
  add_recognition_options(*command, options->recognition);
  add_redis_options(*command, options->redis);
  command->callback([options] { work(*options); });
}

}  // namespace harpy::tools
