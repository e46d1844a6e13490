// Makes reads of the 512 bytes at EIO_AT of any file whose name holds EIO_NAME fail with EIO, as a worn card does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_lost(int fd, off64_t at, size_t n) {
  const char *where = getenv("EIO_AT"), *name = getenv("EIO_NAME");
  char link[64], path[512];
  if (where == NULL || name == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  off64_t lost = atoll(where);
  return strstr(path, name) != NULL && at < lost + 512 && at + (off64_t)n > lost;
}

static ssize_t fail(void) { errno = EIO; return -1; }

ssize_t pread64(int fd, void *into, size_t n, off64_t at) {
  static ssize_t (*real)(int, void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pread64");
  return is_lost(fd, at, n) ? fail() : real(fd, into, n, at);
}

ssize_t pread(int fd, void *into, size_t n, off_t at) { return pread64(fd, into, n, at); }

ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t at) {
  static ssize_t (*real)(int, const struct iovec *, int, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "preadv64");
  size_t n = 0;
  for (int i = 0; i < count; i++) n += parts[i].iov_len;
  return is_lost(fd, at, n) ? fail() : real(fd, parts, count, at);
}

ssize_t preadv(int fd, const struct iovec *parts, int count, off_t at) { return preadv64(fd, parts, count, at); }
