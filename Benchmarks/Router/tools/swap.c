// Commands under load that send everybody to the other release, and what each of them did.
//
// Command N of --commands DIR is the file DIR/N, N from 0. Without --to it is sent over the Unix socket DIR/socket, and
// the first bytes of the reply are the acknowledgement; they must begin with --expected. With --to FILE it is moved
// there in one step, which nobody acknowledges. Even commands lead from "one" to "two", odd ones back.
#define _GNU_SOURCE
#include "paced.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct command {
    char *text;
    size_t length;
    int64_t began, acknowledged;
    bool refused;
};

static const struct options *settings;
static struct command *commands;
static int next_command, epoll, reply = -1;
static int64_t next_time;

static void load(struct command *command, const char *path) {
    int file = open(path, O_RDONLY);
    off_t size = file < 0 ? -1 : lseek(file, 0, SEEK_END);
    if (size < 0) die(path);
    command->text = malloc((size_t)size + 1);
    command->length = (size_t)size;
    if (pread(file, command->text, command->length, 0) != size) die(path);
    close(file);
}

void swap_prepare(const struct options *options, int descriptor) {
    settings = options;
    epoll = descriptor;
    if (!options->commands) return;
    commands = calloc((size_t)options->count, sizeof *commands);
    for (int index = 0; index < options->count; index++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%d", options->commands, index);
        load(&commands[index], path);
    }
    // The load settles first.
    next_time = now_ns() + 1000000000;
}

int swap_descriptor(void) { return reply; }

// Connects anew each time, as a command from a shell does.
static void send_command(struct command *command) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", settings->commands);
    reply = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (reply < 0 || connect(reply, (struct sockaddr *)&address, sizeof address) != 0) die("the command socket");
    for (size_t sent = 0; sent < command->length;) {
        ssize_t count = send(reply, command->text + sent, command->length - sent, MSG_NOSIGNAL);
        if (count <= 0) die("sending a command");
        sent += (size_t)count;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, reply, &event);
}

int64_t swap_step(int64_t now) {
    if (!commands || next_command == settings->count) return 0;
    if (now < next_time) return next_time;
    if (reply >= 0) {  // The one before is not answered yet: it is refused, and its time counts as the whole pause.
        commands[next_command - 1].refused = true;
        close(reply);
        reply = -1;
    }
    struct command *command = &commands[next_command];
    command->began = now_ns();
    if (settings->to) {
        char path[512];
        snprintf(path, sizeof path, "%s/%d", settings->commands, next_command);
        if (rename(path, settings->to) != 0) die("moving a command's file");
    } else {
        send_command(command);
    }
    next_command++;
    next_time = command->began + settings->every_ms * 1000000LL;
    return next_time;
}

void swap_reply(void) {
    char text[512];
    ssize_t count = recv(reply, text, sizeof text, 0);
    struct command *command = &commands[next_command - 1];
    command->acknowledged = now_ns();
    size_t length = strlen(settings->expected);
    command->refused = count < (ssize_t)length || memcmp(text, settings->expected, length) != 0;
    close(reply);
    reply = -1;
}

void swap_print(const struct sample *samples, size_t count) {
    printf(", \"swaps\": [");
    for (int index = 0; index < next_command; index++) {
        struct command *command = &commands[index];
        int64_t until = index + 1 < next_command ? commands[index + 1].began : INT64_MAX;
        short old = index % 2 == 0 ? MARK_ONE : MARK_TWO;
        int64_t last_old = command->began;
        long before = 0, after = 0, started_after = 0;
        for (size_t at = 0; at < count; at++) {
            const struct sample *one = &samples[at];
            if (one->status != 200 || one->first < command->began || one->first >= until) {
                // Proof that the old release was at work before the command.
                if (one->mark == old && one->first < command->began && one->first > command->began - 50000000) before++;
                continue;
            }
            if (one->mark != old) {
                after++;
                continue;
            }
            if (one->first > last_old) last_old = one->first;
            if (command->acknowledged && one->sent > command->acknowledged) started_after++;
        }
        printf("%s{\"last_old_ms\": %.3f, \"acknowledged_ms\": %.3f, \"started_after\": %ld, \"refused\": %s, "
               "\"effective\": %s}",
               index ? ", " : "", (double)(last_old - command->began) / 1e6,
               command->acknowledged ? (double)(command->acknowledged - command->began) / 1e6 : -1.0, started_after,
               command->refused ? "true" : "false", before && after ? "true" : "false");
    }
    printf("]");
}
