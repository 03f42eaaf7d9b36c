#include "cre2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <memory>

struct cre2_pattern {
    re2::RE2 expression;
    cre2_pattern(const re2::StringPiece &text, const re2::RE2::Options &options) : expression(text, options) {}
};

namespace {

re2::RE2::Options options(bool ignores_case, int64_t max_memory) {
    re2::RE2::Options options;
    options.set_encoding(re2::RE2::Options::EncodingUTF8);
    options.set_log_errors(false);
    options.set_longest_match(false);
    options.set_never_capture(true);
    options.set_case_sensitive(!ignores_case);
    options.set_max_mem(max_memory);
    return options;
}

bool matches(const cre2_pattern *pattern, const char *text, size_t length, re2::RE2::Anchor anchor) {
    return pattern->expression.Match(re2::StringPiece(text, length), 0, length, anchor, nullptr, 0);
}

}  // namespace

cre2_pattern *cre2_compile(const char *text, size_t length, bool ignores_case, int64_t max_memory, char *error, size_t capacity) {
    auto pattern = std::make_unique<cre2_pattern>(re2::StringPiece(text, length), options(ignores_case, max_memory));
    if (pattern->expression.ok()) return pattern.release();
    if (capacity > 0) {
        const std::string &why = pattern->expression.error();
        size_t count = std::min(capacity - 1, why.size());
        std::memcpy(error, why.data(), count);
        error[count] = '\0';
    }
    return nullptr;
}

bool cre2_is_found(const cre2_pattern *pattern, const char *text, size_t length) {
    return matches(pattern, text, length, re2::RE2::UNANCHORED);
}

bool cre2_matches_whole(const cre2_pattern *pattern, const char *text, size_t length) {
    return matches(pattern, text, length, re2::RE2::ANCHOR_BOTH);
}

int cre2_size(const cre2_pattern *pattern) { return pattern->expression.ProgramSize(); }

void cre2_delete(cre2_pattern *pattern) { delete pattern; }
