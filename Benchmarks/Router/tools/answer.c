// Reads an HTTP/1.1 answer with Content-Length: all that the benchmark's instances send to this client.
#define _GNU_SOURCE
#include "paced.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int head_fields(struct answer *answer, const char *line, const char *end) {
    bool has_length = false;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop) break;
        if (strncasecmp(line, "content-length:", 15) == 0) {
            answer->length = strtoul(line + 15, NULL, 10);
            has_length = true;
        } else if (strncasecmp(line, "connection:", 11) == 0 && strncasecmp(line + 11, " close", 6) == 0) {
            answer->closes = true;
        }
        line = stop + 1;
    }
    return has_length ? 0 : -1;
}

int answer_take(struct answer *answer, char *buffer, size_t have) {
    answer->have = have;
    if (answer->head == 0) {
        char *blank = memmem(buffer, have, "\r\n\r\n", 4);
        if (!blank) return 0;
        answer->head = (size_t)(blank - buffer) + 4;
        if (answer->head < 16 || memcmp(buffer, "HTTP/1.1 ", 9) != 0) return -1;
        answer->status = (short)atoi(buffer + 9);
        if (head_fields(answer, buffer, blank + 2) != 0) return -1;
    }
    if (have < answer->head + answer->length) return 0;
    if (answer->length >= 3) {
        const char *body = buffer + answer->head;
        answer->mark = memcmp(body, "one", 3) == 0 ? MARK_ONE : memcmp(body, "two", 3) == 0 ? MARK_TWO : MARK_NONE;
    }
    return 1;
}
