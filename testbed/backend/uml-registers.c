/*
 * A wrapper for ptrace(2), loaded by LD_PRELOAD into User Mode Linux, for processors with registers that it does not support.
 *
 * UML keeps the extended state of its processes in a buffer of a fixed size, and writes it back with that size. Linux accepts only the
 * complete state of a process (otherwise EFAULT), and on processors with AMX it has 11 KB: UML dies with "ptrace set fp regs failed,
 * errno = 14". Therefore the wrapper reads the complete state, overwrites the part that UML has, and writes the complete state. The rest,
 * the tiles of AMX, is unused unless a process has requested it.
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
