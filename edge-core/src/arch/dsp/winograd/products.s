@ Sums of products at each position, for 4 output channels and 2 tiles: what is left of the convolution between the
@ transforms.
@
@ void edge_winograd_products...(const uint32_t *x, const uint32_t *w, int32_t *sums, size_t pairs)
@   x: [pair of channels][position][tile 2], w: [position][pair of channels][channel 4], two 16-bit numbers a word;
@   sums: [position][channel 4][tile 2]. At least two pairs.
@
@ The first pair of a position begins the eight sums (SMUAD), the others run through a chain of 15 blocks, entered
@ so that it ends with the last pair; more than 16 pairs take more passes.
@ r0 x, r1 the word before w, r2 and r3 inputs of two tiles, r12 and lr weights, r4 to r11 sums.
@ Frame: 0 bytes from the second pair back to where the chain expects the first of 15, 4 entry, 8 positions behind
@ this one (high half) and passes behind this one (low byte), 12 next sums, 16 bytes to the next position, 20 what
@ the word at 8 grows by at the end of a position: the passes behind the first, less one position.
    .equ    edge_wp_blocks, 15
    .equ    edge_wp_block, 56               @ bytes of code of a block

    .macro edge_wp_single op, at
    ldr.w   r2, [r0, #\at]
    ldr.w   r3, [r0, #\at+4]
    ldr.w   r12, [r1, #4]
    ldr.w   lr, [r1, #8]
    edge_wp_\op r4, r12, r2
    edge_wp_\op r5, r12, r3
    edge_wp_\op r6, lr, r2
    edge_wp_\op r7, lr, r3
    ldr.w   r12, [r1, #12]
    ldr.w   lr, [r1, #16]!
    edge_wp_\op r8, r12, r2
    edge_wp_\op r9, r12, r3
    edge_wp_\op r10, lr, r2
    edge_wp_\op r11, lr, r3
    .endm

@ r2, r3 and r12 have been loaded; unless it is the last block they are loaded for the next.
    .macro edge_wp_dual op, next, last
    edge_wp_\op r4, r12, r2
    ldr.w   lr, [r1, #8]
    edge_wp_\op r5, r12, r3
    ldr.w   r12, [r1, #12]
    edge_wp_\op r6, lr, r2
    edge_wp_\op r7, lr, r3
    ldr.w   lr, [r1, #16]!
    edge_wp_\op r8, r12, r2
    edge_wp_\op r9, r12, r3
    .ifeq \last
    ldr.w   r12, [r1, #4]
    .endif
    edge_wp_\op r10, lr, r2
    .ifeq \last
    ldr.w   r2, [r0, #\next]
    .endif
    edge_wp_\op r11, lr, r3
    .ifeq \last
    ldr.w   r3, [r0, #\next+4]
    .endif
    .endm

    .macro edge_wp_begin sum, w, x
    smuad   \sum, \w, \x
    .endm

    .macro edge_wp_go_on sum, w, x
    smlad   \sum, \w, \x, \sum
    .endm

@ positions: of a tile; dual: two instructions a cycle.
    .macro edge_wp name, positions, dual
    .section .text.\name, "ax", %progbits
    .global \name
    .hidden \name
    .type   \name, %function
    .p2align 2
    .thumb_func
\name:
    push    {r4-r11, lr}
    sub     sp, #24
    sub     r1, r1, #4
    str     r2, [sp, #12]
    @ Passes but one, and the number of pairs of the first.
    subs    r3, r3, #1
    movs    r4, #0
0:  cmp     r3, #edge_wp_blocks
    ble     1f
    subs    r3, #edge_wp_blocks
    adds    r4, #1
    b       0b
1:  add     r5, r4, #(\positions-1)<<16
    str     r5, [sp, #8]
    sub     r5, r4, #1<<16
    str     r5, [sp, #20]
    mov     r5, #\positions*8
    sub     r6, r3, #edge_wp_blocks-1
    mul     r6, r6, r5                      @ ≤ 1 pair
    str     r6, [sp]
    movw    r5, #\positions*8*edge_wp_blocks
    mul     r5, r5, r4
    add     r5, r5, r6
    rsb     r5, r5, #8
    str     r5, [sp, #16]
    rsb     r3, r3, #edge_wp_blocks
    mov     r5, #edge_wp_block
    mul     r3, r3, r5
    adr.w   r5, 3f
    add     r3, r3, r5
    orr     r3, r3, #1
    str     r3, [sp, #4]
2:  @ A position.
    .if \dual
    ldr     r12, [r1, #4]
    ldr     r2, [r0]
    ldr     r3, [r0, #4]
    edge_wp_dual begin, \positions*8, 0
    .else
    edge_wp_single begin, 0
    .endif
    ldr     lr, [sp]
    .if \dual
    .else
    ldr     r12, [sp, #4]
    .endif
    add     r0, r0, lr
    .if \dual
    ldr     lr, [sp, #4]
    bx      lr
    .else
    bx      r12
    .endif
4:  @ One pass more.
    subs    r2, #1
    str     r2, [sp, #8]
    add     r0, r0, #\positions*8*edge_wp_blocks
    .if \dual
    ldr     r12, [r1, #4]
    ldr     r2, [r0]
    ldr     r3, [r0, #4]
    .endif
    .p2align 2
3:  @ The chain.
    .set    edge_wp_at, 0
    .rept   edge_wp_blocks
    .if \dual
    edge_wp_dual go_on, edge_wp_at+\positions*8, (edge_wp_at==(edge_wp_blocks-1)*\positions*8)
    .else
    edge_wp_single go_on, edge_wp_at
    .endif
    .set    edge_wp_at, edge_wp_at+\positions*8
    .endr
    ldr     r2, [sp, #8]
    ldr     r12, [sp, #12]
    ldr     r3, [sp, #16]
    ldr     lr, [sp, #20]
    tst     r2, #0xff
    bne     4b
    adds    r2, r2, lr
    add     r0, r0, r3
    str     r2, [sp, #8]
    stmia   r12!, {r4-r11}
    str     r12, [sp, #12]
    bpl     2b
    add     sp, #24
    pop     {r4-r11, pc}
    .size   \name, . - \name
    .endm

    edge_wp edge_winograd2_products, 16, 0
    edge_wp edge_winograd2_products_dual, 16, 1
    edge_wp edge_winograd4_products, 36, 0
    edge_wp edge_winograd4_products_dual, 36, 1
    .purgem edge_wp
    .purgem edge_wp_single
    .purgem edge_wp_dual
    .purgem edge_wp_begin
    .purgem edge_wp_go_on
