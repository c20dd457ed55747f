#pragma once

#include <string>
#include <string_view>

namespace harpy {

/// The name of a request as its client or a proxy gives it in the field X-Request-Id, if it is one:
/// at most 128 letters, digits and -_.:, so that it can be repeated anywhere; else empty.
std::string accepted_request_id(std::string_view field);

/// Where a request belongs in a trace, as the field traceparent says (W3C Trace Context, level 1);
/// empty if it says nothing that can be understood.
std::string accepted_traceparent(std::string_view field);

/// The name of the trace in a field that was accepted; empty in an empty one.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace harpy
