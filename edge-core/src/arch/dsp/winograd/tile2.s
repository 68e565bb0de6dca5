@ Winograd F(2x2, 3x3): input transform, products, output transform.
@
@ Transformed inputs are words of two channels (16 bits each): [pair of channels][position 16][tile 2]. Sums of
@ products are words: [position 16][channel 4][tile 2].

    .equ    edge_w2_pair, 128               @ bytes of a pair of channels in the transformed inputs

@ void edge_winograd2_columns(const struct columns *)
@   struct columns { const int8_t *rows[4]; uint32_t *to; size_t quads, columns; }
@ The vertical half of the input transform, for some neighbouring columns of a tile: Bt.d, four channels at a time.
    .section .text.edge_winograd2_columns, "ax", %progbits
    .global edge_winograd2_columns
    .hidden edge_winograd2_columns
    .type   edge_winograd2_columns, %function
    .p2align 2
    .thumb_func
edge_winograd2_columns:
    push    {r4-r11, lr}
    sub     sp, #12
    ldr     r5, [r0, #20]                   @ quads
    ldr     r6, [r0, #24]                   @ columns
    mov     r7, #8
    sub     r7, r7, r5, lsl #8              @ from the end of a column to the next column
    str     r5, [sp]
    str     r7, [sp, #4]
    ldr     r4, [r0, #16]
    ldr     r3, [r0, #12]
    ldr     r2, [r0, #8]
    ldr     r1, [r0, #4]
    ldr     r0, [r0]
1:  str     r6, [sp, #8]
    ldr     r5, [sp]
2:  ldr     r6, [r0], #4
    ldr     r7, [r1], #4
    ldr     r8, [r2], #4
    ldr     r9, [r3], #4
    sxtb16  r10, r6
    sxtb16  r12, r8
    sxtb16  r11, r7
    ssub16  r10, r10, r12
    sxtb16  lr, r9
    str     r10, [r4]
    sadd16  r10, r11, r12
    str     r10, [r4, #32]
    ssub16  r12, r12, r11
    str     r12, [r4, #64]
    ssub16  r11, r11, lr
    str     r11, [r4, #96]
    sxtb16  r10, r6, ror #8
    sxtb16  r12, r8, ror #8
    sxtb16  r11, r7, ror #8
    ssub16  r10, r10, r12
    sxtb16  lr, r9, ror #8
    str     r10, [r4, #128]
    sadd16  r10, r11, r12
    str     r10, [r4, #160]
    ssub16  r12, r12, r11
    str     r12, [r4, #192]
    ssub16  r11, r11, lr
    str     r11, [r4, #224]
    add     r4, r4, #256
    subs    r5, r5, #1
    bne     2b
    ldr     r7, [sp, #4]
    ldr     r6, [sp, #8]
    add     r4, r4, r7
    subs    r6, r6, #1
    bne     1b
    add     sp, #12
    pop     {r4-r11, pc}
    .size   edge_winograd2_columns, . - edge_winograd2_columns

@ void edge_winograd2_rows(uint32_t *x, size_t pairs)
@ The horizontal half of the input transform, in place: (Bt.d).B of one tile.
    .section .text.edge_winograd2_rows, "ax", %progbits
    .global edge_winograd2_rows
    .hidden edge_winograd2_rows
    .type   edge_winograd2_rows, %function
    .p2align 2
    .thumb_func
edge_winograd2_rows:
    push    {r4-r11, lr}
    .macro edge_w2_rows at
    ldr     r2, [r0, #\at]
    ldr     r3, [r0, #\at+8]
    ldr     r4, [r0, #\at+16]
    ldr     r5, [r0, #\at+24]
    ldr     r6, [r0, #\at+32]
    ldr     r7, [r0, #\at+40]
    ldr     r8, [r0, #\at+48]
    ldr     r9, [r0, #\at+56]
    ssub16  r2, r2, r4
    ssub16  r5, r3, r5
    str     r2, [r0, #\at]
    sadd16  r10, r3, r4
    str     r5, [r0, #\at+24]
    ssub16  r4, r4, r3
    str     r10, [r0, #\at+8]
    ssub16  r6, r6, r8
    str     r4, [r0, #\at+16]
    ssub16  r9, r7, r9
    str     r6, [r0, #\at+32]
    sadd16  r10, r7, r8
    str     r9, [r0, #\at+56]
    ssub16  r8, r8, r7
    str     r10, [r0, #\at+40]
    str     r8, [r0, #\at+48]
    .endm
1:  edge_w2_rows 0
    edge_w2_rows 64
    add     r0, r0, #edge_w2_pair
    subs    r1, r1, #1
    bne     1b
    pop     {r4-r11, pc}
    .purgem edge_w2_rows
    .size   edge_winograd2_rows, . - edge_winograd2_rows

@ void edge_winograd2_outputs...(const struct outputs *)
@   struct outputs { const int32_t *sums, *records, *end; int8_t *y; size_t row, pixel; uint32_t down;
@                    int32_t least, greatest; }
@ At.m.A and requantization of one tile, a channel for each record.
@ r0 sums, r1 records, r2 and r3 rows of y, r4 bytes of a pixel, lr right shift of four times the sum.
    .macro edge_w2_finish out, rounding, clamp
    asr     \out, \out, lr
    .ifc \rounding, away
    smmulr  \out, \out, r9
    add     \out, \out, \out, asr #31
    add     \out, \out, r10
    .endif
    .ifc \rounding, nearest
    smmlar  \out, \out, r9, r10
    .endif
    .ifc \rounding, floor
    smmla   \out, \out, r9, r10
    .endif
    asr     \out, \out, r11
    .if \clamp
    ldr     r12, [sp, #4]
    cmp     \out, r12
    it      lt
    movlt   \out, r12
    ldr     r12, [sp, #8]
    cmp     \out, r12
    it      gt
    movgt   \out, r12
    .else
    ssat    \out, #8, \out
    .endif
    .endm

    .macro edge_w2_outputs name, rounding, clamp
    .section .text.\name, "ax", %progbits
    .global \name
    .hidden \name
    .type   \name, %function
    .p2align 2
    .thumb_func
\name:
    push    {r4-r11, lr}
    sub     sp, #12
    ldr     r1, [r0, #8]
    ldr     r2, [r0, #28]
    ldr     r3, [r0, #32]
    str     r1, [sp]
    str     r2, [sp, #4]
    str     r3, [sp, #8]
    ldr     r1, [r0, #4]
    ldr     r2, [r0, #12]
    ldr     r3, [r0, #16]
    ldr     r4, [r0, #20]
    ldr     lr, [r0, #24]
    ldr     r0, [r0]
    add     r3, r3, r2
1:  ldr     r5, [r0]
    ldr     r7, [r0, #128]
    ldr     r11, [r0, #256]
    ldr     r12, [r0, #384]
    add     r5, r5, r7
    add     r5, r5, r11
    sub     r7, r7, r11
    sub     r7, r7, r12
    ldr     r6, [r0, #32]
    ldr     r8, [r0, #160]
    ldr     r11, [r0, #288]
    ldr     r12, [r0, #416]
    ldr     r10, [r1], #16
    add     r8, r8, r10, lsl #2             @ four times the bias: it reaches all four outputs
    add     r6, r6, r8
    add     r6, r6, r11
    sub     r8, r8, r11
    sub     r8, r8, r12
    add     r5, r5, r6
    add     r7, r7, r8
    ldr     r9, [r0, #64]
    ldr     r10, [r0, #192]
    ldr     r11, [r0, #320]
    ldr     r12, [r0, #448]
    add     r9, r9, r10
    add     r9, r9, r11
    sub     r10, r10, r11
    sub     r10, r10, r12
    add     r5, r5, r9
    sub     r6, r6, r9
    add     r7, r7, r10
    sub     r8, r8, r10
    ldr     r9, [r0, #96]
    ldr     r10, [r0, #224]
    ldr     r11, [r0, #352]
    ldr     r12, [r0, #480]
    add     r9, r9, r10
    add     r9, r9, r11
    sub     r10, r10, r11
    sub     r10, r10, r12
    sub     r6, r6, r9
    sub     r8, r8, r10
    ldr     r9, [r1, #-12]
    ldr     r10, [r1, #-8]
    ldr     r11, [r1, #-4]
    edge_w2_finish r6, \rounding, \clamp
    edge_w2_finish r8, \rounding, \clamp
    strb    r6, [r2, r4]
    strb    r8, [r3, r4]
    edge_w2_finish r5, \rounding, \clamp
    edge_w2_finish r7, \rounding, \clamp
    strb    r5, [r2], #1
    strb    r7, [r3], #1
    ldr     r12, [sp]
    add     r0, r0, #8
    cmp     r1, r12
    bne     1b
    add     sp, #12
    pop     {r4-r11, pc}
    .size   \name, . - \name
    .endm

    .irp    rounding, away, nearest, floor
    edge_w2_outputs edge_winograd2_outputs_\rounding, \rounding, 0
    edge_w2_outputs edge_winograd2_outputs_\rounding\()_clamp, \rounding, 1
    .endr
    .purgem edge_w2_outputs
    .purgem edge_w2_finish
