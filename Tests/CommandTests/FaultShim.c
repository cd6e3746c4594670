/*
 * Preloaded (LD_PRELOAD) into a program, makes one of its calls that write files go wrong.
 *
 * The environment variable GOSSAMER_FAULT is ACTION:N. Calls of write and fsync on regular files and folders, and of
 * rename, are counted from 1; at the Nth
 *   fail   the call fails, as on a full or broken disk, and so do all after it;
 *   once   the call fails, and no other;
 *   kill   the process is killed before the call;
 *   half   the process is killed after half of the call, if it is a write, or after the call;
 *   stall  the call begins a minute later.
 * With the action folder, every fsync of a folder fails with the error number N.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum { NONE, FAIL, ONCE, KILL, HALF, STALL, FOLDER } action;

static action wanted = NONE;
static long at = 0;
static atomic_long count = 0;

__attribute__((constructor)) static void read_environment(void) {
    const char *fault = getenv("GOSSAMER_FAULT");
    const char *colon = fault ? strchr(fault, ':') : NULL;
    if (!colon) return;
    at = atol(colon + 1);
    const char *names[] = {"fail", "once", "kill", "half", "stall", "folder"};
    for (int i = 0; i < 6; i++)
        if (strncmp(fault, names[i], strlen(names[i])) == 0) wanted = (action)(FAIL + i);
}

static action next(void) {
    if (wanted == NONE || wanted == FOLDER) return NONE;
    long number = atomic_fetch_add(&count, 1) + 1;
    if (number == at || (number > at && wanted == FAIL)) {
        if (wanted == KILL) kill(getpid(), SIGKILL);
        if (wanted == STALL) sleep(60);
        return wanted == ONCE ? FAIL : wanted == STALL ? NONE : wanted;
    }
    return NONE;
}

static int is_on_disk(int descriptor) {
    struct stat status;
    return descriptor > 2 && fstat(descriptor, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
    static ssize_t (*own)(int, const void *, size_t);
    if (!own) own = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (!is_on_disk(descriptor)) return own(descriptor, bytes, size);
    action now = next();
    if (now == FAIL) return errno = ENOSPC, -1;
    if (now != HALF) return own(descriptor, bytes, size);
    own(descriptor, bytes, size / 2);
    return kill(getpid(), SIGKILL), -1;
}

int fsync(int descriptor) {
    static int (*own)(int);
    if (!own) own = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    if (!is_on_disk(descriptor)) return own(descriptor);
    struct stat status;
    if (wanted == FOLDER && fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) return errno = (int)at, -1;
    action now = next();
    if (now == FAIL) return errno = EIO, -1;
    int result = own(descriptor);
    if (now == HALF) kill(getpid(), SIGKILL);
    return result;
}

int rename(const char *from, const char *to) {
    static int (*own)(const char *, const char *);
    if (!own) own = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    action now = next();
    if (now == FAIL) return errno = EIO, -1;
    int result = own(from, to);
    if (now == HALF) kill(getpid(), SIGKILL);
    return result;
}
