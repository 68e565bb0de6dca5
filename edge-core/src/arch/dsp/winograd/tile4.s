@ Winograd F(4x4, 3x3): input transform and output transform.
@
@ Transformed inputs are words of two channels (16 bits each): [pair of channels][position 36][tile 2]. Sums of
@ products are words: [position 36][channel 4][tile 2].

@ Six words in r6 to r11 to Bt of them, stored \step bytes apart from \to on.
    .macro edge_w4_input to, at, step
    ssub16  r6, r6, r8
    sadd16  r6, r6, r6
    sadd16  r6, r6, r6
    ssub16  r11, r11, r9
    ssub16  r10, r10, r8
    sadd16  r6, r6, r10                     @ 4(d0 - d2) + d4 - d2
    str     r6, [\to, #\at]
    ssub16  r6, r9, r7
    sadd16  r6, r6, r6
    ssub16  r11, r11, r6
    ssub16  r11, r11, r6                    @ d5 - d3 - 4(d3 - d1)
    str     r11, [\to, #\at+5*\step]
    sadd16  r11, r10, r6                    @ d4 - d2 + 2(d3 - d1)
    str     r11, [\to, #\at+3*\step]
    ssub16  r11, r10, r6                    @ d4 - d2 - 2(d3 - d1)
    str     r11, [\to, #\at+4*\step]
    sadd16  r6, r8, r8
    sadd16  r7, r7, r7
    sadd16  r8, r8, r6
    sadd16  r7, r7, r7
    ssub16  r10, r10, r8
    ssub16  r9, r9, r7
    sadd16  r6, r10, r9                     @ (d4 - 4 d2) + (d3 - 4 d1)
    str     r6, [\to, #\at+\step]
    ssub16  r10, r10, r9                    @ (d4 - 4 d2) - (d3 - 4 d1)
    str     r10, [\to, #\at+2*\step]
    .endm

@ void edge_winograd4_columns(const struct columns *)
@   struct columns { const int8_t *rows[6]; uint32_t *to; size_t quads, columns; }
@ The vertical half of the input transform, for some neighbouring columns of a tile: Bt.d, four channels at a time.
    .section .text.edge_winograd4_columns, "ax", %progbits
    .global edge_winograd4_columns
    .hidden edge_winograd4_columns
    .type   edge_winograd4_columns, %function
    .p2align 2
    .thumb_func
edge_winograd4_columns:
    push    {r4-r11, lr}
    sub     sp, #12
    ldr     r6, [r0, #28]                   @ quads
    ldr     r7, [r0, #32]                   @ columns
    mov     r9, #576
    mul     r9, r9, r6
    rsb     r9, r9, #8                      @ from the end of a column to the next column
    str     r6, [sp]
    str     r9, [sp, #4]
    str     r7, [sp, #8]
    ldr     r12, [r0, #24]
    ldr     r5, [r0, #20]
    ldr     r4, [r0, #16]
    ldr     r3, [r0, #12]
    ldr     r2, [r0, #8]
    ldr     r1, [r0, #4]
    ldr     r0, [r0]
1:  ldr     lr, [sp]
2:  ldr     r6, [r0]
    ldr     r7, [r1]
    ldr     r8, [r2]
    ldr     r9, [r3]
    ldr     r10, [r4]
    ldr     r11, [r5]
    sxtb16  r6, r6
    sxtb16  r7, r7
    sxtb16  r8, r8
    sxtb16  r9, r9
    sxtb16  r10, r10
    sxtb16  r11, r11
    edge_w4_input r12, 0, 48
    ldr     r6, [r0], #4
    ldr     r7, [r1], #4
    ldr     r8, [r2], #4
    ldr     r9, [r3], #4
    ldr     r10, [r4], #4
    ldr     r11, [r5], #4
    sxtb16  r6, r6, ror #8
    sxtb16  r7, r7, ror #8
    sxtb16  r8, r8, ror #8
    sxtb16  r9, r9, ror #8
    sxtb16  r10, r10, ror #8
    sxtb16  r11, r11, ror #8
    edge_w4_input r12, 288, 48
    add     r12, r12, #576
    subs    lr, lr, #1
    bne     2b
    ldr     r6, [sp, #4]
    ldr     r7, [sp, #8]
    add     r12, r12, r6
    subs    r7, r7, #1
    str     r7, [sp, #8]
    bne     1b
    add     sp, #12
    pop     {r4-r11, pc}
    .size   edge_winograd4_columns, . - edge_winograd4_columns

@ void edge_winograd4_rows(uint32_t *x, size_t pairs)
@ The horizontal half of the input transform, in place: (Bt.d).B of one tile.
    .section .text.edge_winograd4_rows, "ax", %progbits
    .global edge_winograd4_rows
    .hidden edge_winograd4_rows
    .type   edge_winograd4_rows, %function
    .p2align 2
    .thumb_func
edge_winograd4_rows:
    push    {r4-r11, lr}
    add     r1, r1, r1                      @ three rows at a time
    .macro edge_w4_row at
    ldr     r6, [r0, #\at]
    ldr     r7, [r0, #\at+8]
    ldr     r8, [r0, #\at+16]
    ldr     r9, [r0, #\at+24]
    ldr     r10, [r0, #\at+32]
    ldr     r11, [r0, #\at+40]
    edge_w4_input r0, \at, 8
    .endm
1:  edge_w4_row 0
    edge_w4_row 48
    edge_w4_row 96
    add     r0, r0, #144
    subs    r1, r1, #1
    bne     1b
    pop     {r4-r11, pc}
    .purgem edge_w4_row
    .purgem edge_w4_input
    .size   edge_winograd4_rows, . - edge_winograd4_rows

@ Six words in r7 to r12 to At of them in r7, r9, r8, r10.
    .macro edge_w4_output
    add     r8, r8, r9
    add     r10, r10, r11
    sub     r9, r8, r9, lsl #1
    sub     r11, r10, r11, lsl #1
    add     r7, r7, r8
    add     r8, r8, r10, lsl #2             @ m1 + m2 + 4(m3 + m4)
    add     r7, r7, r10                     @ m0 + m1 + m2 + m3 + m4
    add     r10, r9, r11, lsl #3
    add     r9, r9, r11, lsl #1             @ m1 - m2 + 2(m3 - m4)
    add     r10, r10, r12, lsl #1           @ m1 - m2 + 8(m3 - m4) + 2 m5
    .endm

@ Sums in r7, r9, r8, r10 to outputs: r2 factor, r3 bias times the like, r4 multiplier, r5 offset, r6 shift in its
@ low byte. Four abreast, for cores that issue two instructions a cycle.
    .macro edge_w4_each op, rounding, clamp
    edge_w4_\op r7, \rounding, \clamp
    edge_w4_\op r9, \rounding, \clamp
    edge_w4_\op r8, \rounding, \clamp
    edge_w4_\op r10, \rounding, \clamp
    .endm

    .macro edge_w4_add_bias out, rounding, clamp
    mla     \out, \out, r2, r3
    .endm

    .macro edge_w4_narrow out, rounding, clamp
    asr     \out, \out, #6
    .endm

    .macro edge_w4_scale out, rounding, clamp
    .ifc \rounding, away
    smmulr  \out, \out, r4
    .endif
    .ifc \rounding, nearest
    smmlar  \out, \out, r4, r5
    .endif
    .ifc \rounding, floor
    smmla   \out, \out, r4, r5
    .endif
    .endm

    .macro edge_w4_tie out, rounding, clamp
    .ifc \rounding, away
    add     \out, \out, \out, asr #31
    .endif
    .endm

    .macro edge_w4_offset out, rounding, clamp
    .ifc \rounding, away
    add     \out, \out, r5
    .endif
    .endm

    .macro edge_w4_shift out, rounding, clamp
    asr     \out, \out, r6
    .endm

    .macro edge_w4_saturate out, rounding, clamp
    .if \clamp
    cmp     \out, r11
    it      lt
    movlt   \out, r11
    cmp     \out, r12
    it      gt
    movgt   \out, r12
    .else
    ssat    \out, #8, \out
    .endif
    .endm

@ void edge_winograd4_outputs...(const struct outputs *)
@   struct outputs { int32_t *sums, const int32_t *records, *end; int8_t *y; size_t row, pixel; uint32_t factor;
@                    int32_t least, greatest; }
@ At.m.A and requantization of one tile, a channel for each record. The sums are overwritten.
@ Sums times 64·2^pre_shift are the products of transformed numbers times the factor, modulo 2^32.
@ r0 sums, r1 y, lr bytes of a pixel. Frame: 0 end of records, 4 bytes of a row, 8 least, 12 greatest, 16 records,
@ 20 y, 24 bias.
    .macro edge_w4_outputs name, rounding, clamp
    .section .text.\name, "ax", %progbits
    .global \name
    .hidden \name
    .type   \name, %function
    .p2align 2
    .thumb_func
\name:
    push    {r4-r11, lr}
    sub     sp, #28
    ldr     r4, [r0, #8]
    ldr     r5, [r0, #16]
    ldr     r6, [r0, #28]
    ldr     r7, [r0, #32]
    str     r4, [sp]
    str     r5, [sp, #4]
    str     r6, [sp, #8]
    str     r7, [sp, #12]
    ldr     r3, [r0, #4]
    ldr     r1, [r0, #12]
    ldr     lr, [r0, #20]
    ldr     r2, [r0, #24]
    ldr     r0, [r0]
    str     r3, [sp, #16]
    str     r1, [sp, #20]
1:  mov     r6, #2
2:  @ At.m, three columns at a time.
    .set    edge_w4_at, 0
    .rept   3
    ldr     r7, [r0, #edge_w4_at]
    ldr     r8, [r0, #edge_w4_at+192]
    ldr     r9, [r0, #edge_w4_at+384]
    ldr     r10, [r0, #edge_w4_at+576]
    ldr     r11, [r0, #edge_w4_at+768]
    ldr     r12, [r0, #edge_w4_at+960]
    edge_w4_output
    str     r7, [r0, #edge_w4_at]
    str     r8, [r0, #edge_w4_at+384]
    str     r9, [r0, #edge_w4_at+192]
    str     r10, [r0, #edge_w4_at+576]
    .set    edge_w4_at, edge_w4_at+32
    .endr
    add     r0, r0, #96
    subs    r6, r6, #1
    bne     2b
    sub     r0, r0, #192
    ldr     r7, [sp, #16]
    ldr     r3, [r7]
    ldr     r4, [r7, #4]
    ldr     r5, [r7, #8]
    ldr     r6, [r7, #12]
    add     r7, r7, #16
    str     r7, [sp, #16]
    mul     r3, r3, r2                      @ factor times 9 is a power of two
    add     r3, r3, r3, lsl #3
    lsl     r3, r3, #6
    add     r6, r6, #0x300                  @ three rows more
3:  @ A row of the tile.
    ldr     r7, [r0]
    ldr     r8, [r0, #32]
    ldr     r9, [r0, #64]
    ldr     r10, [r0, #96]
    ldr     r11, [r0, #128]
    ldr     r12, [r0, #160]
    edge_w4_output
    edge_w4_each add_bias, \rounding, \clamp
    edge_w4_each narrow, \rounding, \clamp
    edge_w4_each scale, \rounding, \clamp
    edge_w4_each tie, \rounding, \clamp
    edge_w4_each offset, \rounding, \clamp
    edge_w4_each shift, \rounding, \clamp
    .if \clamp
    ldr     r11, [sp, #8]
    ldr     r12, [sp, #12]
    .endif
    edge_w4_each saturate, \rounding, \clamp
    ldr     r12, [sp, #4]
    strb    r7, [r1]
    strb    r9, [r1, lr]
    add     r11, lr, lr, lsl #1
    strb    r8, [r1, lr, lsl #1]
    strb    r10, [r1, r11]
    add     r0, r0, #192
    add     r1, r1, r12
    subs    r6, r6, #0x100
    bpl     3b
    ldr     r7, [sp]
    ldr     r8, [sp, #16]
    ldr     r1, [sp, #20]
    sub     r0, r0, #760                    @ the next channel
    add     r1, r1, #1
    str     r1, [sp, #20]
    cmp     r7, r8
    bne     1b
    add     sp, #28
    pop     {r4-r11, pc}
    .size   \name, . - \name
    .endm

    .irp    rounding, away, nearest, floor
    edge_w4_outputs edge_winograd4_outputs_\rounding, \rounding, 0
    edge_w4_outputs edge_winograd4_outputs_\rounding\()_clamp, \rounding, 1
    .endr
    .purgem edge_w4_outputs
    .purgem edge_w4_each
    .purgem edge_w4_add_bias
    .purgem edge_w4_narrow
    .purgem edge_w4_scale
    .purgem edge_w4_tie
    .purgem edge_w4_offset
    .purgem edge_w4_shift
    .purgem edge_w4_saturate
    .purgem edge_w4_output
