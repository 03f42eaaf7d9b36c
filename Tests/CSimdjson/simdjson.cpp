#include "CSimdjson.h"

// A build without tests compiles this as well, and needs no simdjson; tests do not link without it.
#if __has_include(<simdjson.h>)
#include <cstdlib>
#include <cstring>
#include <simdjson.h>
#include <string>

extern "C" int csimdjson_read(const uint8_t *bytes, size_t length, size_t depth, char **text, size_t *count)
{
    simdjson::dom::parser parser;
    if (auto error = parser.allocate(length + 64, depth)) return error;
    simdjson::dom::element root;
    if (auto error = parser.parse(bytes, length, true).get(root)) return error;
    const std::string written = simdjson::minify(root);
    *text = static_cast<char *>(std::malloc(written.size() + 1));
    if (*text == nullptr) return simdjson::MEMALLOC;
    std::memcpy(*text, written.data(), written.size());
    *count = written.size();
    return 0;
}
#endif
