/* Syncs fail with EIO while the folder in TAPCUE_TESTS_SYNCS has a file "fail", and do not return
   while it has a file "hang". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int there(const char *flag)
{
    char path[PATH_MAX];
    const char *folder = getenv("TAPCUE_TESTS_SYNCS");
    if (!folder)
        return 0;
    snprintf(path, sizeof path, "%s/%s", folder, flag);
    return access(path, F_OK) == 0;
}

static int sync_by_the_flags(const char *name, int fd)
{
    while (there("hang"))
        usleep(10000);
    if (there("fail")) {
        errno = EIO;
        return -1;
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd) { return sync_by_the_flags("fsync", fd); }
int fdatasync(int fd) { return sync_by_the_flags("fdatasync", fd); }
