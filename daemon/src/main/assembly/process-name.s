# What the loader of the host's tools does first: it gives the process the name that the kernel gave it when the image's
# program was executed (ProcessName.java).
#
# dispatcher.s says it in the path of the tool, which is AT_EXECFN: behind the prefix, "/" is a bit that is 0 and "./" one that
# is 1. A tool that was executed by another path keeps the name that it has.

        .intel_syntax noprefix
        .equ    AT_EXECFN, 31
        .equ    NAME_BITS, 15 * 8

        endbr64
        mov     rax, [rsp]              # argc, argv, a null, envp, a null, auxv
        lea     rsi, [rsp + 16 + rax * 8]
variable:
        lodsq
        test    rax, rax
        jnz     variable
vector:
        lodsq
        mov     rdx, rax
        lodsq
        test    rdx, rdx                # AT_NULL
        jz      load
        cmp     edx, AT_EXECFN
        jne     vector

        mov     rsi, rax
        lea     rdi, prefix[rip]
        mov     ecx, offset prefix_end - prefix
        repe cmpsb                      # stops at the end of a shorter path
        jne     load
        xor     eax, eax
        mov     [rsp - 16], rax
        mov     [rsp - 8], rax
bit:
        lodsb
        cmp     al, '.'
        jne     slash
        bts     [rsp - 16], ecx
        lodsb
slash:
        cmp     al, '/'
        jne     load
        inc     ecx
        cmp     ecx, NAME_BITS
        jne     bit
        mov     edi, 15                 # PR_SET_NAME
        lea     rsi, [rsp - 16]
        mov     eax, 157                # prctl
        syscall
        jmp     load
prefix: .ascii  "/run/piimages/tools/t/"
prefix_end:

load:
        xor     eax, eax
        xor     ecx, ecx
        xor     edx, edx
        xor     esi, esi
        xor     edi, edi
        xor     r11d, r11d
        .byte   0xe9                    # jmp; the entry point is written here, from behind this
        .long   0
