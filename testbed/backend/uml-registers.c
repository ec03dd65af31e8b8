/*
 * ptrace(2) for User Mode Linux on processors with more registers than it knows of: loaded into it by LD_PRELOAD.
 *
 * UML keeps the extended state of its processes in a buffer of a fixed size, and writes it back with that size. Linux takes the state of a
 * process as a whole or not at all (EFAULT), and on processors with AMX it is 11 KB: UML dies with "ptrace set fp regs failed, errno = 14".
 * So the state is read as a whole, what UML has of it is put over, and the whole is written. What lies beyond, the tiles of AMX, no
 * process has that has not asked for them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

typedef long (*ptrace_function)(int, pid_t, void *, void *);

static long set_whole_state(ptrace_function next, pid_t pid, const struct iovec *given) {
    static __thread char state[64 << 10] __attribute__((aligned(64)));
    struct iovec whole = {state, sizeof state};
    if (next(PTRACE_GETREGSET, pid, (void *) NT_X86_XSTATE, &whole) < 0)
        return -1;
    memcpy(state, given->iov_base, given->iov_len < whole.iov_len ? given->iov_len : whole.iov_len);
    return next(PTRACE_SETREGSET, pid, (void *) NT_X86_XSTATE, &whole);
}

long ptrace(enum __ptrace_request request, ...) {
    static ptrace_function next;
    va_list arguments;
    va_start(arguments, request);
    pid_t pid = va_arg(arguments, pid_t);
    void *address = va_arg(arguments, void *);
    void *data = va_arg(arguments, void *);
    va_end(arguments);
    if (!next)
        next = (ptrace_function) dlsym(RTLD_NEXT, "ptrace");
    if (request == PTRACE_SETREGSET && address == (void *) NT_X86_XSTATE)
        return set_whole_state(next, pid, data);
    return next(request, pid, address, data);
}
