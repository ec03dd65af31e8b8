# What an emulator does before it emulates: it tries to become one of the host's tools (Dispatcher.java).
#
# It stands before the entry point of a static qemu for x86-64. binfmt_misc started that with the flags P and O, so that
#   argv     is the interpreter's path, /run/piimages/tools/d/NAME; the program's path; the caller's argv[0]; the arguments
#   auxv     has AT_EXECFD, the program itself, open also for those who may only execute it
# The tool is /run/piimages/tools/t/NAME. execve(2) returns only if it fails, as it does in a chroot where no tools are to be
# seen; qemu then goes on with the stack, the registers and the descriptor as the kernel gave them.
#
# The kernel names a process after the file that it executes, which was the program or the script that it interprets. For the
# tool to have that name again, the path says it: before NAME, each of its bits is "/" for 0 and "./" for 1, the lowest of the
# first byte first. They lead nowhere else, and are seen in AT_EXECFN alone, where process-name.s reads them.

        .intel_syntax noprefix
        .equ    AT_NULL, 0
        .equ    AT_EXECFD, 2
        .equ    PREFIX, 22              # the length of /run/piimages/tools/d/
        .equ    LETTER, 20              # where in it the folder's letter is
        .equ    NAME_BITS, 15 * 8       # TASK_COMM_LEN without the last byte, which is zero

        # Room on the stack: two struct stat, a process's name, a path of the prefix, the name's bits and NAME_MAX bytes.
        .equ    OTHER, 144
        .equ    COMM, 288
        .equ    TEXT, COMM + 16
        .equ    ROOM, TEXT + 544
        .equ    ST_DEV, 0
        .equ    ST_INO, 8
        .equ    ST_CTIME, 104
        .equ    ST_CTIME_NSEC, 112

        endbr64
        mov     rbx, rsp                # argc, argv, a null, envp, a null, auxv
        mov     rax, [rbx]
        lea     r8, [rbx + 16 + rax * 8]        # envp
        mov     rdi, r8

# A variable that speaks to the loader names libraries for the image's CPU.
variable:
        mov     rax, [rdi]
        add     rdi, 8
        test    rax, rax
        jz      vector
        mov     eax, [rax]
        and     eax, 0xffffff
        cmp     eax, 0x5f444c           # "LD_"
        jne     variable
        jmp     emulate

vector:
        mov     rax, [rdi]
        test    rax, rax                # AT_NULL
        jz      emulate
        add     rdi, 16
        cmp     eax, AT_EXECFD
        jne     vector
        mov     r9d, [rdi - 8]

# Is the program /usr/bin/NAME?
        sub     rsp, ROOM
        mov     edi, r9d
        mov     rsi, rsp
        mov     eax, 5                  # fstat
        syscall
        test    eax, eax
        jnz     emulate
        mov     rsi, [rbx + 8]
        add     rsi, PREFIX - 9
        lea     rdi, [rsp + TEXT]
        mov     r10, rdi
copy:
        lodsb
        stosb
        test    al, al
        jnz     copy
        movabs  rax, 0x6e69622f7273752f # "/usr/bin", over as much of the prefix; its last slash is NAME's
        mov     [r10], rax
        mov     rdi, r10
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
        lea     rdi, [rsp + TEXT]
        mov     ecx, PREFIX
        rep movsb                       # rsi is NAME afterwards, and ecx zero
        mov     byte ptr [rsp + TEXT + LETTER], 't'
bit:
        bt      [rsp + COMM], ecx
        jnc     slash
        mov     byte ptr [rdi], '.'
        inc     rdi
slash:
        mov     byte ptr [rdi], '/'
        inc     rdi
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
        lea     rdi, [rsp + TEXT]
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
        mov     rsp, rbx
        xor     eax, eax
        xor     ebx, ebx
        xor     ecx, ecx
        xor     edx, edx
        xor     esi, esi
        xor     edi, edi
        xor     r8d, r8d
        xor     r9d, r9d
        xor     r10d, r10d
        xor     r11d, r11d
        .byte   0xe9                    # jmp; the entry point is written here, from behind this
        .long   0
