# What an emulator does before it emulates: it tries to become one of the host's tools (Dispatcher.java).
#
# It runs before the entry point of a static qemu for x86-64, which binfmt_misc has started with the flags P and F, and O or C where
# the emulator's own entry has them:
#   argv     is the interpreter's path, /run/piimages/tools/d/NAME; the program's path; the caller's argv[0]; the arguments
#   auxv     has AT_EXECFD, the program, with O; without, this opens it, as qemu does
# The tool is /run/piimages/tools/t/NAME. execve(2) returns only if it fails, as in a chroot where no tools are visible; then qemu
# continues with the stack and the descriptors that the kernel gave it.
#
# The kernel names a process after the file that it executes: the program, or the script that the program interprets. The path of the
# tool contains this name, so that process-name.s can set it again: before NAME, each bit is "//" for 0 and "./" for 1, beginning with
# the lowest bit of the first byte. The path leads to the same file with and without them.

        .intel_syntax noprefix
        .equ    AT_EXECFD, 2
        .equ    PREFIX, 22              # the length of /run/piimages/tools/d/
        .equ    LETTER, 20              # where in it the directory's letter is
        .equ    NAME_BITS, 15 * 8       # TASK_COMM_LEN without the last byte, which is zero

        # The stack: two struct stat, a process's name, a path of the prefix, the bits of the name and NAME_MAX bytes.
        .equ    OTHER, 144
        .equ    COMM, 288
        .equ    PATH, COMM + 16
        .equ    ROOM, PATH + 528
        .equ    ST_DEV, 0
        .equ    ST_INO, 8
        .equ    ST_CTIME, 104
        .equ    ST_CTIME_NSEC, 112

        endbr64
        mov     rbx, rsp                # argc, argv, a null, envp, a null, auxv
        mov     rax, [rbx]
        lea     r8, [rbx + 16 + rax * 8]        # envp
        mov     rdi, r8
        sub     rsp, ROOM
        push    -1                      # a descriptor to close
        pop     r10

# A variable for the loader names libraries for the image's CPU.
variable:
        mov     rax, [rdi]
        add     rdi, 8
        test    rax, rax
        jz      vector
        mov     eax, [rax]
        and     eax, 0xffffff
        cmp     eax, 0x5f444c           # "LD_"
        je      emulate
        jmp     variable

vector:
        mov     rax, [rdi]
        mov     r9, [rdi + 8]
        add     rdi, 16
        cmp     eax, AT_EXECFD
        je      compare
        test    eax, eax                # AT_NULL
        jnz     vector
        mov     rdi, [rbx + 16]
        mov     esi, 0x80000            # O_RDONLY | O_CLOEXEC
        mov     eax, 2                  # open
        syscall
        test    eax, eax
        js      emulate
        mov     r9d, eax
        mov     r10d, eax

# Is the program /usr/bin/NAME?
compare:
        mov     edi, r9d
        mov     rsi, rsp
        mov     eax, 5                  # fstat
        syscall
        test    eax, eax
        jnz     emulate
        mov     rsi, [rbx + 8]
        add     rsi, PREFIX - 9
        lea     rdi, [rsp + PATH]
        mov     rdx, rdi
copy:
        lodsb
        stosb
        test    al, al
        jnz     copy
        movabs  rax, 0x6e69622f7273752f # "/usr/bin", over as much of the prefix; its last slash is followed by NAME
        mov     [rdx], rax
        mov     rdi, rdx
        lea     rsi, [rsp + OTHER]
        mov     eax, 4                  # stat
        syscall
        test    eax, eax
        jnz     emulate
        mov     rax, [rsp + ST_DEV]
        cmp     rax, [rsp + OTHER + ST_DEV]
        jne     emulate
        mov     rax, [rsp + ST_INO]
        cmp     rax, [rsp + OTHER + ST_INO]
        jne     emulate

# Has it changed since it was verified?
        lea     rdi, stamp[rip]
        lea     rsi, [rsp + OTHER]
        mov     eax, 4                  # stat
        syscall
        test    eax, eax
        jnz     emulate
        mov     rax, [rsp + ST_CTIME]
        cmp     rax, [rsp + OTHER + ST_CTIME]
        jg      emulate
        jl      verified
        mov     rax, [rsp + ST_CTIME_NSEC]
        cmp     rax, [rsp + OTHER + ST_CTIME_NSEC]
        jge     emulate
        jmp     verified
stamp:  .asciz  "/run/piimages/verified"

verified:
        mov     edi, 16                 # PR_GET_NAME
        lea     rsi, [rsp + COMM]
        mov     eax, 157                # prctl
        syscall
        mov     rsi, [rbx + 8]
        lea     rdi, [rsp + PATH]
        mov     ecx, PREFIX
        rep movsb                       # rsi is NAME afterwards, and ecx zero
        mov     byte ptr [rsp + PATH + LETTER], 't'
bit:
        mov     ax, 0x2f2f              # "//"
        bt      [rsp + COMM], ecx
        jnc     store
        mov     al, '.'
store:
        stosw
        inc     ecx
        cmp     ecx, NAME_BITS
        jne     bit
name:
        lodsb
        stosb
        test    al, al
        jnz     name

        mov     edi, r9d
        mov     esi, 2                  # F_SETFD
        mov     edx, 1                  # FD_CLOEXEC: the tool does not inherit the program
        mov     eax, 72                 # fcntl
        syscall
        lea     rdi, [rsp + PATH]
        lea     rsi, [rbx + 24]         # argv without the first two
        mov     rdx, r8
        mov     eax, 59                 # execve
        syscall
        mov     edi, r9d
        mov     esi, 2                  # F_SETFD
        xor     edx, edx
        mov     eax, 72                 # fcntl
        syscall

emulate:
        mov     edi, r10d
        mov     eax, 3                  # close; of -1, nothing
        syscall
        mov     rsp, rbx
        xor     edx, edx                # no function to call at exit; the psABI defines no other register
        .byte   0xe9                    # jmp; the entry point is inserted here, relative to the end of this
        .long   0
