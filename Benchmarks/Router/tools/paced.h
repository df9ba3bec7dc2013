// A paced load over kept connections, and commands that swap the release under it. One thread; all times in
// nanoseconds of CLOCK_MONOTONIC.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Which release answered, told by the first word of the body.
enum mark { MARK_NONE = 0, MARK_ONE = 1, MARK_TWO = 2 };

struct sample {
    int64_t due, sent, first, end;  // when it was to begin, began, its answer's first byte came, its last
    int key;                        // index of the sticky key
    short status;                   // 0: no answer
    short mark;
};

struct options {
    int port, connections, rate, keys;
    double seconds, timeout;
    const char *host, *path, *key_file, *samples;
    const char *commands, *to, *expected;  // swap commands; see swap.c
    int every_ms, count;
};

// An answer as it arrives; reset with memset.
struct answer {
    size_t have, head, length;  // bytes so far, of the head, of the body
    short status, mark;
    bool closes;
};

int64_t now_ns(void);
_Noreturn void die(const char *what);

// Takes in what has arrived. 1: complete; 0: more must come; -1: not an answer with a length.
int answer_take(struct answer *answer, char *buffer, size_t have);

void swap_prepare(const struct options *options, int epoll);
// Begins the next command when it is due; answers when to be called again, 0 for never.
int64_t swap_step(int64_t now);
// A reply to the command under way.
void swap_reply(void);
int swap_descriptor(void);
// Prints what each swap did, as the JSON array `"swaps"`.
void swap_print(const struct sample *samples, size_t count);
