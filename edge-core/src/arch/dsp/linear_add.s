// Sums of two int8 tensors as a linear form, four elements a round.
// r0 a, r1 b, r2 y, r3 end of a; r4 and r5 the factors, r6 the offset.

.syntax unified
.thumb
    .section .text.edge_linear_add, "ax", %progbits
    .balign 4
    .globl edge_linear_add
    .type edge_linear_add, %function
    .thumb_func
edge_linear_add:
    push {r4-r10, lr}
    ldr r4, [sp, #32]
    ldr r5, [sp, #36]
    ldr r6, [sp, #40]
    cmp r0, r3
    beq 2f
1:
    ldr r7, [r0], #4
    ldr r8, [r1], #4
    // Elements 1 and 3 times 256 in half words, then 0 and 2.
    and r9, r7, #0xff00ff00
    and r10, r8, #0xff00ff00
    lsl r7, r7, #8
    smlawb r12, r4, r9, r6
    and r7, r7, #0xff00ff00
    smlawt r9, r4, r9, r6
    lsl r8, r8, #8
    smlawb r12, r5, r10, r12
    and r8, r8, #0xff00ff00
    smlawt r9, r5, r10, r9
    smlawb r10, r4, r7, r6
    smlawt r7, r4, r7, r6
    smlawb r10, r5, r8, r10
    smlawt r7, r5, r8, r7
    // The high half words are the outputs.
    pkhtb r9, r9, r12, asr #16
    ssat16 r9, #8, r9
    pkhtb r7, r7, r10, asr #16
    ssat16 r7, #8, r7
    and r9, r9, #0x00ff00ff
    cmp r0, r3
    and r7, r7, #0x00ff00ff
    orr r7, r7, r9, lsl #8
    str r7, [r2], #4
    bne 1b
2:
    pop {r4-r10, pc}
    .size edge_linear_add, . - edge_linear_add

// Back to where the compiler left off.
    .text
