// Fully connected layers with packed weights: blocks of six and of two outputs.
// The order of the stream is in kernels/packed/fully_connected.rs, the layout of the argument in
// arch/dsp/fully_connected.rs.
//
// Blocks of six: r0 inputs, r1 stream, r2 end of the inputs, r3 and r10 inputs widened, r11 r12 lr weights;
// r4 r6 r8 sums of A, r5 r7 r9 sums of 256*B + A.

.syntax unified
.thumb

// Where the argument is, behind r0 to r3 and nine registers of the caller.
.equ .Ledge_fc_x, 0
.equ .Ledge_fc_rounds_end, 8
.equ .Ledge_fc_y, 12
.equ .Ledge_fc_scale, 52
.equ .Ledge_fc_rest, 64
.equ .Ledge_fc_y_end, 72
.equ .Ledge_fc_correction, 76

.macro edge_fc_load3
    ldr r11, [r1], #4
    ldr r12, [r1], #4
    ldr lr, [r1], #4
.endm

// Two inputs in \x times the weights of three pairs.
.macro edge_fc_half3_single x
    smlad r5, r11, \x, r5
    sxtb16 r11, r11
    smlad r4, r11, \x, r4
    smlad r7, r12, \x, r7
    sxtb16 r12, r12
    smlad r6, r12, \x, r6
    smlad r9, lr, \x, r9
    sxtb16 lr, lr
    smlad r8, lr, \x, r8
.endm

// The same where masks and loads of the next weights issue beside the multiplications.
.macro edge_fc_half3_dual
    smlad r5, r11, r3, r5
    and r11, r11, #0x00ff00ff
    smlad r7, r12, r3, r7
    and r12, r12, #0x00ff00ff
    smlad r9, lr, r3, r9
    and lr, lr, #0x00ff00ff
    smlad r4, r11, r3, r4
    ldr r11, [r1], #4
    smlad r6, r12, r3, r6
    ldr r12, [r1], #4
    smlad r8, lr, r3, r8
    ldr lr, [r1], #4
.endm

// Four inputs.
.macro edge_fc_quad3_single
    ldr r10, [r0], #4
    edge_fc_load3
    sxtb16 r3, r10
    edge_fc_half3_single r3
    edge_fc_load3
    sxtb16 r10, r10, ror #8
    edge_fc_half3_single r10
.endm

// All inputs of a block of six. Dual issue leaves three words more loaded than used.
.macro edge_fc_sums3_single
    beq 2f
1:
    edge_fc_quad3_single
    edge_fc_quad3_single
    edge_fc_quad3_single
    edge_fc_quad3_single
    cmp r0, r2
    bne 1b
2:
.endm

.macro edge_fc_sums3_dual
    beq 2f
    ldr r10, [r0], #4
    sxtb16 r3, r10
1:
    .rept 3
    edge_fc_half3_dual
    sxtb16 r3, r10, ror #8
    ldr r10, [r0], #4
    edge_fc_half3_dual
    sxtb16 r3, r10
    .endr
    edge_fc_half3_dual
    sxtb16 r3, r10, ror #8
    cmp r0, r2
    it ne
    ldrne r10, [r0], #4
    edge_fc_half3_dual
    sxtb16 r3, r10
    bne 1b
2:
.endm

.macro edge_fc_rest3_single
5:
    edge_fc_quad3_single
    cmp r0, r2
    bne 5b
    b 3b
.endm

.macro edge_fc_rest3_dual
5:
    ldr r10, [r0], #4
    sxtb16 r3, r10
    edge_fc_half3_dual
    sxtb16 r3, r10, ror #8
    edge_fc_half3_dual
    cmp r0, r2
    bne 5b
    b 3b
.endm

// B from 256*B + A, both times the power of two that comes before the multiplier.
.macro edge_fc_part arithmetic, a, ab
    sub \ab, \ab, \a
.ifc \arithmetic, native
    asr \ab, \ab, #8
.else
    asr \ab, \ab, #7
    lsl \a, \a, #1
.endif
.endm

// Sums become outputs at r0; r11 offset, r12 shift. Halves up, and away from zero: the sign of the sum is as good as that of the
// product, which differs only if that is 0.
.macro edge_fc_finish3 arithmetic, a, b, c, ma=r10, mb=r10, mc=r10
.ifc \arithmetic, away
    add r2, r11, \a, asr #31
    add r3, r11, \b, asr #31
    add lr, r11, \c, asr #31
    smmlar \a, \a, \ma, r2
    smmlar \b, \b, \mb, r3
    smmlar \c, \c, \mc, lr
.endif
.ifc \arithmetic, floor
    smmla \a, \a, \ma, r11
    smmla \b, \b, \mb, r11
    smmla \c, \c, \mc, r11
.endif
.ifc \arithmetic, native
    smmlar \a, \a, \ma, r11
    smmlar \b, \b, \mb, r11
    smmlar \c, \c, \mc, r11
.endif
    asr \a, \a, r12
    asr \b, \b, r12
    asr \c, \c, r12
    ssat \a, #8, \a
    ssat \b, #8, \b
    ssat \c, #8, \c
    strb \a, [r0], #1
    strb \b, [r0], #1
    strb \c, [r0], #1
.endm

.macro edge_fc_finish1 arithmetic, a, multiplier=r10
.ifc \arithmetic, away
    add r2, r11, \a, asr #31
    smmlar \a, \a, \multiplier, r2
.endif
.ifc \arithmetic, floor
    smmla \a, \a, \multiplier, r11
.endif
.ifc \arithmetic, native
    smmlar \a, \a, \multiplier, r11
.endif
    asr \a, \a, r12
    ssat \a, #8, \a
    strb \a, [r0], #1
.endm

.macro edge_fc_load_scale
    ldr r10, [sp, #.Ledge_fc_scale]
    ldr r11, [sp, #.Ledge_fc_scale + 4]
    ldr r12, [sp, #.Ledge_fc_scale + 8]
.endm

// Six outputs; with one scale for all, or with a multiplier, an offset and a shift for each.
.macro edge_fc_end6 scale, arithmetic
.ifc \scale, shared
    edge_fc_load_scale
.endif
    ldr r0, [sp, #.Ledge_fc_y]
    edge_fc_part \arithmetic, r4, r5
    edge_fc_part \arithmetic, r6, r7
    edge_fc_part \arithmetic, r8, r9
.ifc \scale, shared
    edge_fc_finish3 \arithmetic, r4, r5, r6
    edge_fc_finish3 \arithmetic, r7, r8, r9
.else
    .irp sum, r4, r5, r6, r7, r8, r9
    ldm r1!, {r10, r11, r12}
    edge_fc_finish1 \arithmetic, \sum
    .endr
.endif
.endm

// Where only the multipliers are each output's own.
.macro edge_fc_end6_own_single
    ldr r11, [sp, #.Ledge_fc_scale + 4]
    ldr r12, [sp, #.Ledge_fc_scale + 8]
    ldr r0, [sp, #.Ledge_fc_y]
    ldr r2, [r1], #4
    ldr r3, [r1], #4
    ldr r10, [r1], #4
    edge_fc_part native, r4, r5
    edge_fc_part native, r6, r7
    edge_fc_part native, r8, r9
    edge_fc_finish3 native, r4, r5, r6, r2, r3, r10
    ldm r1!, {r2, r3, r10}
    edge_fc_finish3 native, r7, r8, r9, r2, r3, r10
.endm

// The same in pairs. r11 r12 lr the first three multipliers, which have been loaded behind the weights; r10 offset,
// r3 shift.
.macro edge_fc_end6_own_dual
    ldr r10, [sp, #.Ledge_fc_scale + 4]
    sub r5, r5, r4
    ldr r3, [sp, #.Ledge_fc_scale + 8]
    sub r7, r7, r6
    ldr r0, [sp, #.Ledge_fc_y]
    sub r9, r9, r8
    smmlar r4, r4, r11, r10
    asr r5, r5, #8
    smmlar r6, r6, lr, r10
    asr r7, r7, #8
    smmlar r5, r5, r12, r10
    ldr r11, [r1], #4
    asr r9, r9, #8
    ldr r12, [r1], #4
    smmlar r7, r7, r11, r10
    ldr lr, [r1], #4
    smmlar r8, r8, r12, r10
    asr r4, r4, r3
    smmlar r9, r9, lr, r10
    asr r6, r6, r3
    ssat r4, #8, r4
    asr r5, r5, r3
    ssat r6, #8, r6
    asr r7, r7, r3
    ssat r5, #8, r5
    strb r4, [r0]
    ssat r7, #8, r7
    asr r8, r8, r3
    asr r9, r9, r3
    strb r5, [r0, #1]
    ssat r8, #8, r8
    strb r6, [r0, #2]
    ssat r9, #8, r9
    strb r7, [r0, #3]
    strb r8, [r0, #4]
    strb r9, [r0, #5]
    adds r0, r0, #6
.endm

.macro edge_fc_begin name
    .section .text.\name, "ax", %progbits
    .balign 4
    .globl \name
    .type \name, %function
    .thumb_func
\name:
    push {r0-r11, lr}
.endm

.macro edge_fc_end name
    add sp, sp, #16
    pop {r4-r11, pc}
.endm

.macro edge_fc_six name, issue, scale, arithmetic
    edge_fc_begin \name
4:
    ldm r1!, {r4-r9}
.ifc \issue, dual
    ldr r3, [sp, #.Ledge_fc_correction]
    ldr r11, [r1], #4
    ldr r12, [r1], #4
    ldr lr, [r1], #4
    add r4, r4, r3
    add r5, r5, r3
    add r6, r6, r3
    add r7, r7, r3
    add r8, r8, r3
    add r9, r9, r3
.endif
    ldr r0, [sp, #.Ledge_fc_x]
    ldr r2, [sp, #.Ledge_fc_rounds_end]
    cmp r0, r2
    edge_fc_sums3_\issue
    ldrd r0, r2, [sp, #.Ledge_fc_rest]
    cmp r0, r2
    bne 5f
3:
.ifc \scale\()_\arithmetic, own_native
    edge_fc_end6_own_\issue
.else
.ifc \issue, dual
    sub r1, r1, #12
.endif
    edge_fc_end6 \scale, \arithmetic
.endif
    ldr r2, [sp, #.Ledge_fc_y_end]
    str r0, [sp, #.Ledge_fc_y]
    cmp r0, r2
    bne 4b
    edge_fc_end \name
    edge_fc_rest3_\issue
    .size \name, . - \name
.endm

.macro edge_fc_half1 issue, x, w
    smlad r5, \w, \x, r5
.ifc \issue, single
    sxtb16 \w, \w
.else
    and \w, \w, #0x00ff00ff
.endif
    smlad r4, \w, \x, r4
.endm

// Where an output has a multiplier, an offset and a shift of its own.
.macro edge_fc_own_scale which
.ifc \which, own_away
    ldm r1!, {r10, r11, r12}
.endif
.ifc \which, own_floor
    ldm r1!, {r10, r11, r12}
.endif
.endm

.macro edge_fc_two name, issue, scale, arithmetic
    edge_fc_begin \name
4:
    ldr r4, [r1], #4
    ldr r5, [r1], #4
    ldr r0, [sp, #.Ledge_fc_x]
    ldr r2, [sp, #.Ledge_fc_rounds_end]
.ifc \issue, dual
    ldr r3, [sp, #.Ledge_fc_correction]
    add r4, r4, r3
    add r5, r5, r3
.endif
    cmp r0, r2
    beq 2f
1:
    ldr r6, [r0], #4
    ldr r8, [r1], #4
    ldr r9, [r1], #4
    ldr r7, [r0], #4
    ldr r10, [r1], #4
    ldr r11, [r1], #4
    sxtb16 r3, r6
    edge_fc_half1 \issue, r3, r8
    sxtb16 r6, r6, ror #8
    edge_fc_half1 \issue, r6, r9
    sxtb16 r3, r7
    edge_fc_half1 \issue, r3, r10
    sxtb16 r7, r7, ror #8
    edge_fc_half1 \issue, r7, r11
    cmp r0, r2
    bne 1b
2:
    ldrd r0, r2, [sp, #.Ledge_fc_rest]
    cmp r0, r2
    bne 5f
3:
    ldr r0, [sp, #.Ledge_fc_y]
    ldr r6, [sp, #.Ledge_fc_y_end]
.ifc \scale, shared
    edge_fc_load_scale
.endif
.ifc \scale\()_\arithmetic, own_native
    ldr r11, [sp, #.Ledge_fc_scale + 4]
    ldr r12, [sp, #.Ledge_fc_scale + 8]
    ldr r10, [r1], #4
    ldr r3, [r1], #4
.endif
    edge_fc_part \arithmetic, r4, r5
    edge_fc_own_scale \scale\()_\arithmetic
    edge_fc_finish1 \arithmetic, r4
    cmp r0, r6
    beq 6f
    edge_fc_own_scale \scale\()_\arithmetic
.ifc \scale\()_\arithmetic, own_native
    edge_fc_finish1 native, r5, r3
.else
    edge_fc_finish1 \arithmetic, r5
.endif
    str r0, [sp, #.Ledge_fc_y]
    cmp r0, r6
    bne 4b
6:
    edge_fc_end \name
5:
    ldr r6, [r0], #4
    ldr r8, [r1], #4
    ldr r9, [r1], #4
    sxtb16 r3, r6
    edge_fc_half1 \issue, r3, r8
    sxtb16 r6, r6, ror #8
    edge_fc_half1 \issue, r6, r9
    cmp r0, r2
    bne 5b
    b 3b
    .size \name, . - \name
.endm

.macro edge_fc_both issue, scale, arithmetic
    edge_fc_six edge_fc_six_\issue\()_\scale\()_\arithmetic, \issue, \scale, \arithmetic
    edge_fc_two edge_fc_two_\issue\()_\scale\()_\arithmetic, \issue, \scale, \arithmetic
.endm

    .irp arithmetic, away, floor, native
    edge_fc_both single, shared, \arithmetic
    edge_fc_both single, own, \arithmetic
    edge_fc_both dual, shared, \arithmetic
    edge_fc_both dual, own, \arithmetic
    .endr

// Sum of the bytes from r0 to r1, whole words, each 128 more.
    .section .text.edge_fc_sum, "ax", %progbits
    .balign 4
    .globl edge_fc_sum
    .type edge_fc_sum, %function
    .thumb_func
edge_fc_sum:
    movs r2, #0
    mov r12, r2
    cmp r0, r1
    beq 2f
1:
    ldr r3, [r0], #4
    eor r3, r3, #0x80808080
    usada8 r2, r3, r12, r2
    cmp r0, r1
    bne 1b
2:
    mov r0, r2
    bx lr
    .size edge_fc_sum, . - edge_fc_sum

// Back to where the compiler left off.
    .text
