// Sends GET requests at a fixed rate over kept connections, with sticky keys in turn, and notes for each when it was
// due, sent and answered, by which release. A request that cannot be sent in time waits for a free connection: its
// latency counts from when it was due. Prints JSON; --samples writes one line of CSV for each request.
#define _GNU_SOURCE
#include "paced.h"
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 16384, KEY_ROOM = 64, EVENTS = 256 };

struct connection {
    int descriptor;
    struct sample *sample;  // NULL: free
    struct answer answer;
    size_t have;
    char buffer[BUFFER];
};

static struct options options = {.connections = 64, .rate = 1000, .seconds = 5, .timeout = 5, .host = "localhost",
                                 .path = "/", .expected = "", .every_ms = 200, .count = 0};
static struct connection *connections, **free_ones;
static struct sample *samples;
static size_t free_count, sample_count;
static int epoll;
static char (*keys)[KEY_ROOM];

int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

void die(const char *what) {
    fprintf(stderr, "paced: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void open_connection(struct connection *one) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    one->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (one->descriptor < 0 || connect(one->descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        die("connecting to the proxy");
    setsockopt(one->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    epoll_ctl(epoll, EPOLL_CTL_ADD, one->descriptor, &event);
    free_ones[free_count++] = one;
}

// The request under way has failed, if there is one; a free connection that the proxy closed is no failure.
static void lose(struct connection *one) {
    if (one->sample) {
        one->sample->end = one->sample->first = now_ns();
        one->sample->status = 0;
        one->sample = NULL;
    } else {
        for (size_t at = 0; at < free_count; at++)
            if (free_ones[at] == one) free_ones[at] = free_ones[--free_count];
    }
    close(one->descriptor);
    one->descriptor = -1;
    open_connection(one);
}

static void send_request(struct connection *one, int64_t due) {
    char text[2048];
    int key = options.keys ? (int)(sample_count % (size_t)options.keys) : 0;
    int length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n%s%s%s\r\n", options.path,
                          options.host, options.keys ? "Cookie: nonevent-key=" : "", options.keys ? keys[key] : "",
                          options.keys ? "\r\n" : "");
    struct sample *sample = &samples[sample_count++];
    *sample = (struct sample){.due = due, .sent = now_ns(), .key = key};
    one->sample = sample;
    one->have = 0;
    memset(&one->answer, 0, sizeof one->answer);
    if (send(one->descriptor, text, (size_t)length, MSG_NOSIGNAL) != length) lose(one);
}

static void receive(struct connection *one) {
    ssize_t count = recv(one->descriptor, one->buffer + one->have, BUFFER - one->have, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0 || !one->sample) return lose(one);
    int64_t now = now_ns();
    if (one->have == 0) one->sample->first = now;
    one->have += (size_t)count;
    int state = answer_take(&one->answer, one->buffer, one->have);
    if (state < 0 || (state == 0 && one->have == BUFFER)) return lose(one);
    if (state == 0) return;
    one->sample->end = now;
    one->sample->status = one->answer.status;
    one->sample->mark = one->answer.mark;
    one->sample = NULL;
    free_ones[free_count++] = one;
    if (one->answer.closes) lose(one);
}

static void give_up_late(int64_t now) {
    for (int at = 0; at < options.connections; at++) {
        struct connection *one = &connections[at];
        if (one->sample && now - one->sample->sent > (int64_t)(options.timeout * 1e9)) lose(one);
    }
}

static bool is_quiet(void) { return free_count == (size_t)options.connections; }

static void run(void) {
    int64_t began = now_ns(), end = began + (int64_t)(options.seconds * 1e9), swept = began;
    int64_t step = 1000000000LL / options.rate, due = began;
    struct epoll_event events[EVENTS];
    for (;;) {
        int64_t now = now_ns(), wake = swap_step(now);
        for (; due <= now && due < end && free_count > 0; due += step) send_request(free_ones[--free_count], due);
        if (now - swept > 100000000) give_up_late(swept = now);
        if (due >= end && is_quiet()) break;
        int64_t next = due < end && free_count > 0 ? due : now + 50000000;
        if (wake > 0 && wake < next) next = wake;
        int64_t pause = next > now ? next - now : 0;
        struct timespec time = {.tv_sec = pause / 1000000000, .tv_nsec = pause % 1000000000};
        int count = epoll_pwait2(epoll, events, EVENTS, &time, NULL);
        for (int at = 0; at < count; at++) {
            // A command's reply comes without a connection.
            if (events[at].data.ptr == NULL) swap_reply();
            else receive(events[at].data.ptr);
        }
    }
}

static int by_value(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

// How many requests came to which end other than 200; 0 is no answer.
static void print_failures(void) {
    size_t counts[1000] = {0};
    for (size_t at = 0; at < sample_count; at++)
        if (samples[at].status != 200 && samples[at].status >= 0 && samples[at].status < 1000)
            counts[samples[at].status]++;
    printf(", \"failures\": {");
    const char *comma = "";
    for (int status = 0; status < 1000; status++)
        if (counts[status]) {
            printf("%s\"%d\": %zu", comma, status, counts[status]);
            comma = ", ";
        }
    printf("}");
}

static void print_all(void) {
    size_t failed = 0, good = 0, late = 0;
    int64_t *latencies = malloc((sample_count + 1) * sizeof *latencies);
    for (size_t at = 0; at < sample_count; at++) {
        struct sample *one = &samples[at];
        late += one->sent - one->due > 5000000;
        if (one->status == 200) latencies[good++] = one->end - one->due;
        else failed++;
    }
    qsort(latencies, good, sizeof *latencies, by_value);
    printf("{\"requests\": %zu, \"failed\": %zu, \"late\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f", sample_count,
           failed, late, good ? (double)latencies[good / 2] / 1e6 : 0,
           good ? (double)latencies[good * 99 / 100] / 1e6 : 0);
    print_failures();
    if (options.commands) swap_print(samples, sample_count);
    printf("}\n");
    if (!options.samples) return;
    FILE *file = fopen(options.samples, "w");
    if (!file) die(options.samples);
    for (size_t at = 0; at < sample_count; at++) {
        struct sample *one = &samples[at];
        fprintf(file, "%ld,%ld,%ld,%d,%d,%d\n", (long)(one->due / 1000), (long)((one->first - one->due) / 1000),
                (long)((one->end - one->due) / 1000), one->status, one->mark, one->key);
    }
    fclose(file);
}

static void read_keys(void) {
    FILE *file = fopen(options.key_file, "r");
    if (!file) die(options.key_file);
    keys = malloc((size_t)options.keys * sizeof *keys);
    for (int at = 0; at < options.keys; at++)
        if (fscanf(file, "%63s", keys[at]) != 1) die("reading as many keys as --keys says");
    fclose(file);
}

static void parse(int count, char **arguments) {
    static const struct option known[] = {
        {"port", 1, 0, 'p'}, {"connections", 1, 0, 'c'}, {"rate", 1, 0, 'r'}, {"seconds", 1, 0, 's'},
        {"timeout", 1, 0, 't'}, {"host", 1, 0, 'h'}, {"path", 1, 0, 'a'}, {"keys", 1, 0, 'k'}, {"key-file", 1, 0, 'f'},
        {"samples", 1, 0, 'o'}, {"commands", 1, 0, 'C'}, {"to", 1, 0, 'T'}, {"expected", 1, 0, 'E'},
        {"every-ms", 1, 0, 'e'}, {"count", 1, 0, 'n'}, {0}};
    for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
        switch (option) {
        case 'p': options.port = atoi(optarg); break;
        case 'c': options.connections = atoi(optarg); break;
        case 'r': options.rate = atoi(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 't': options.timeout = atof(optarg); break;
        case 'h': options.host = optarg; break;
        case 'a': options.path = optarg; break;
        case 'k': options.keys = atoi(optarg); break;
        case 'f': options.key_file = optarg; break;
        case 'o': options.samples = optarg; break;
        case 'C': options.commands = optarg; break;
        case 'T': options.to = optarg; break;
        case 'E': options.expected = optarg; break;
        case 'e': options.every_ms = atoi(optarg); break;
        case 'n': options.count = atoi(optarg); break;
        default: exit(64);
        }
    }
    if (options.port == 0 || options.rate <= 0 || options.connections <= 0 || options.seconds <= 0) {
        fprintf(stderr, "paced: expected --port, and --rate, --connections, --seconds above 0\n");
        exit(64);
    }
}

int main(int count, char **arguments) {
    parse(count, arguments);
    if (options.keys) read_keys();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    connections = calloc((size_t)options.connections, sizeof *connections);
    free_ones = calloc((size_t)options.connections, sizeof *free_ones);
    samples = calloc((size_t)(options.rate * options.seconds) + 16, sizeof *samples);
    for (int at = 0; at < options.connections; at++) open_connection(&connections[at]);
    swap_prepare(&options, epoll);
    run();
    print_all();
    return 0;
}
