// The trivial program of figure_real.py: answers every request with "ok", in one thread and without memory of its own.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    static const char answer[] = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n";
    struct pollfd at[64] = {{.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN}};
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT")))};
    char bytes[8192];
    int count = 1, on = 1;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(at[0].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(at[0].fd, (struct sockaddr *)&place, sizeof place) || listen(at[0].fd, 16)) return 1;
    for (;;) {
        poll(at, count, -1);
        for (int i = count - 1; i > 0; i--) {
            if (!at[i].revents) continue;
            long size = read(at[i].fd, bytes, sizeof bytes);
            if (size > 0 && memmem(bytes, size, "\r\n\r\n", 4)) send(at[i].fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
            if (size > 0) continue;
            close(at[i].fd);
            at[i] = at[--count];
        }
        if (at[0].revents && count < 64)
            at[count++] = (struct pollfd){.fd = accept(at[0].fd, 0, 0), .events = POLLIN};
    }
}
