#pragma once

#include <iosfwd>

#include "tools/work/line_answer.hpp"

namespace harpy::tools {

/// Answers each line of a stream by a line in the same order, which is written and flushed as soon
/// as it and those before it are known. A line is read when one of `thread_count` threads has
/// nothing to do, so that whoever writes faster has to wait. Lines of blanks are passed over.
/// Errors: std::runtime_error if the answers cannot be written.
void work_on_lines(std::istream& lines, std::ostream& answers, int thread_count,
                   const LineAnswerer& answer);

}  // namespace harpy::tools
