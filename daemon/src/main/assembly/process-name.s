# What the loader of the host's tools does first: it gives the process the name that the kernel gave it when the image's program was
# executed (Relocation.java).
#
# dispatcher.s encodes the name in the path of the tool, which is AT_EXECFN: after the prefix, "//" is a bit that is 0 and "./" one that
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
        push    rcx                     # zero
        push    rcx
bit:
        lodsb                           # the first byte of two; of a shorter path, a letter of NAME or its end
        cmp     al, '/'
        je      slash
        cmp     al, '.'
        jne     done
        bts     [rsp], ecx
slash:
        lodsb
        cmp     al, '/'
        jne     done
        inc     ecx
        cmp     ecx, NAME_BITS
        jne     bit
        mov     edi, 15                 # PR_SET_NAME
        mov     rsi, rsp
        mov     eax, 157                # prctl
        syscall
done:
        add     rsp, 16
        jmp     load
prefix: .ascii  "/run/piimages/tools/t/"
prefix_end:

load:
        xor     edx, edx                # no function to call at exit; the psABI defines no other register
        .byte   0xe9                    # jmp; the entry point is inserted here, relative to the end of this
        .long   0
