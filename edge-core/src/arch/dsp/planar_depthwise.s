// Depthwise convolution by planes. The layout of scratch memory is in kernels/packed/planar_depthwise.rs, that of
// the arguments in arch/dsp/planar_depthwise.rs.

.syntax unified
.thumb

// Bytes from a row of a strip to the next, and from a strip to the next.
.equ .Ledge_planar_row, 16
.equ .Ledge_planar_strip, 160

// The frame of the functions that compute.
.equ .Ledge_planar_bias, 0
.equ .Ledge_planar_multiplier, 4
.equ .Ledge_planar_offset, 8
.equ .Ledge_planar_shift, 12
.equ .Ledge_planar_right, 16
.equ .Ledge_planar_below, 20
.equ .Ledge_planar_y, 24
.equ .Ledge_planar_plane, 28
.equ .Ledge_planar_columns, 32
.equ .Ledge_planar_rows, 36
.equ .Ledge_planar_end, 40
.equ .Ledge_planar_step, 44
.equ .Ledge_planar_frame, 48

.macro edge_planar_begin name
    .section .text.\name, "ax", %progbits
    .balign 4
    .globl \name
    .type \name, %function
    .thumb_func
\name:
    push {r4-r11, lr}
.endm

// Words of four channels of two columns become a word of two columns for each channel.
// r0 r1 columns, r2 r3 their row steps, r12 where to, lr rows left.
.macro edge_planar_words
    ldr r4, [r0]
    ldr r5, [r1]
    add r0, r0, r2
    sxtb16 r6, r4
    add r1, r1, r3
    sxtb16 r7, r5
    sxtb16 r4, r4, ror #8
    sxtb16 r5, r5, ror #8
    pkhbt r8, r6, r7, lsl #16
    pkhtb r6, r7, r6, asr #16
    str r8, [r12], #.Ledge_planar_row
    pkhbt r8, r4, r5, lsl #16
    str r6, [r12, #-8]
    pkhtb r4, r5, r4, asr #16
    str r8, [r12, #-12]
    str r4, [r12, #-4]
.endm

    edge_planar_begin edge_planar_gather
    ldr r11, [r0, #24]
    ldr r10, [r0, #32]
    mov r9, r0
1:
    ldr r0, [r9]
    ldr r1, [r9, #4]
    ldr r2, [r9, #8]
    ldr r3, [r9, #12]
    ldr r4, [r9, #16]
    ldr r5, [r9, #20]
    ldr lr, [r9, #28]
    mov r12, r11
    add r4, r4, r0
    add r5, r5, r1
    str r4, [r9]
    str r5, [r9, #4]
    add r11, r11, #.Ledge_planar_strip
    lsrs lr, lr, #1
    bcc 2f
    edge_planar_words
    cmp lr, #0
    beq 3f
2:
    edge_planar_words
    edge_planar_words
    subs lr, lr, #1
    bne 2b
3:
    subs r10, r10, #1
    bne 1b
    pop {r4-r11, pc}
    .size edge_planar_gather, . - edge_planar_gather

// The frame from the argument; leaves weights in r0 to r5: (k0, k1), (k1, k2) of each row, times 2^pre_shift.
.macro edge_planar_start
    sub sp, sp, #.Ledge_planar_frame
    ldr r12, [r0, #44]
    ldm r0!, {r1-r10}
    lsl r1, r1, r12
    stm sp, {r1-r10}
    ldr r8, [r0]
    ldr r1, [r8]
    ldr r3, [r8, #4]
    ldr r5, [r8, #8]
    sxtb16 r0, r1
    sxtb16 r1, r1, ror #8
    sxtb16 r2, r3
    sxtb16 r3, r3, ror #8
    sxtb16 r4, r5
    sxtb16 r5, r5, ror #8
    cmp r12, #0
    beq 2f
1:
    sadd16 r0, r0, r0
    sadd16 r1, r1, r1
    sadd16 r2, r2, r2
    sadd16 r3, r3, r3
    sadd16 r4, r4, r4
    sadd16 r5, r5, r5
    subs r12, r12, #1
    bne 1b
2:
.endm

.macro edge_planar_finish
    add sp, sp, #.Ledge_planar_frame
    pop {r4-r11, pc}
.endm

// Words a and b in r6 and r7 times a row of weights: two sums more.
.macro edge_planar_taps sum, next, k01, k12, from, other
    smlad \sum, r6, \k01, \from
    smlatb \next, r6, \k01, \other
    smlabt \sum, r7, \k12, \sum
    smlad \next, r7, \k12, \next
.endm

.macro edge_planar_load row
    ldr r7, [r12, #.Ledge_planar_strip + \row * .Ledge_planar_row]
    ldr r6, [r12, #\row * .Ledge_planar_row]
.endm

.macro edge_planar_requantize sums:vararg
    ldr r6, [sp, #.Ledge_planar_multiplier]
    ldr r7, [sp, #.Ledge_planar_offset]
    .irp sum, \sums
    smmlar \sum, \sum, r6, r7
    .endr
    ldr r6, [sp, #.Ledge_planar_shift]
    ldr r7, [sp, #.Ledge_planar_right]
    .irp sum, \sums
    asr \sum, \sum, r6
    .endr
    .irp sum, \sums
    ssat \sum, #8, \sum
    .endr
.endm

// Two rows of two outputs. r6 r7 words, r8 to r11 sums, r12 plane, lr outputs.
.macro edge_planar_1_block_single
    ldr r6, [r12]
    ldr r7, [r12, #.Ledge_planar_strip]
    ldr r11, [sp, #.Ledge_planar_bias]
    edge_planar_taps r8, r9, r0, r1, r11, r11
    edge_planar_load 1
    edge_planar_taps r8, r9, r2, r3, r8, r9
    edge_planar_taps r10, r11, r0, r1, r11, r11
    ldr r7, [r12, #.Ledge_planar_strip + 2 * .Ledge_planar_row]
    ldr r6, [r12, #2 * .Ledge_planar_row]!
    edge_planar_taps r8, r9, r4, r5, r8, r9
    edge_planar_taps r10, r11, r2, r3, r10, r11
    edge_planar_load 1
    edge_planar_taps r10, r11, r4, r5, r10, r11
    edge_planar_requantize r8, r9, r10, r11
    // Where the strip has one column the second output goes first, to the same place.
    strb r9, [lr, r7]
    strb r8, [lr]
    ldr r6, [sp, #.Ledge_planar_below]
    ldr r8, [sp, #.Ledge_planar_end]
    add lr, lr, r6
    strb r11, [lr, r7]
    strb r10, [lr]
    add lr, lr, r6
.endm

// One row of two outputs.
.macro edge_planar_1_row
    ldr r6, [r12]
    ldr r7, [r12, #.Ledge_planar_strip]
    ldr r9, [sp, #.Ledge_planar_bias]
    edge_planar_taps r8, r9, r0, r1, r9, r9
    edge_planar_load 1
    edge_planar_taps r8, r9, r2, r3, r8, r9
    edge_planar_load 2
    edge_planar_taps r8, r9, r4, r5, r8, r9
    edge_planar_requantize r8, r9
    strb r9, [lr, r7]
    strb r8, [lr]
.endm

.macro edge_planar_1 issue
    edge_planar_begin edge_planar_1_\issue
    edge_planar_start
3:
    ldr r12, [sp, #.Ledge_planar_plane]
    ldr lr, [sp, #.Ledge_planar_y]
    ldr r6, [sp, #.Ledge_planar_rows]
    ldr r7, [sp, #.Ledge_planar_columns]
    ldr r8, [sp, #.Ledge_planar_right]
    add r9, r12, #.Ledge_planar_strip
    str r9, [sp, #.Ledge_planar_plane]
    add r9, lr, r8, lsl #1
    str r9, [sp, #.Ledge_planar_y]
    subs r7, r7, #2
    str r7, [sp, #.Ledge_planar_columns]
    it mi
    movmi r8, #0
    str r8, [sp, #.Ledge_planar_right]
    lsrs r6, r6, #1
    add r7, r12, r6, lsl #5
    str r7, [sp, #.Ledge_planar_end]
    beq 5f
4:
    edge_planar_1_block_\issue
    cmp r12, r8
    bne 4b
5:
    ldr r6, [sp, #.Ledge_planar_rows]
    lsls r6, r6, #31
    beq 6f
    edge_planar_1_row
6:
    ldr r7, [sp, #.Ledge_planar_columns]
    cmp r7, #0
    bgt 3b
    edge_planar_finish
    .size edge_planar_1_\issue, . - edge_planar_1_\issue
.endm

// Stride 2: words a, b and c in r5, r6 and r7 times a row of weights; k2 is the \half of \k2.
.macro edge_planar_steps sum, next, k01, k2, half, from
    smlad \sum, r5, \k01, \from
    smlad \next, r6, \k01, \from
    smlab\half \sum, r6, \k2, \sum
    smlab\half \next, r7, \k2, \next
.endm

.macro edge_planar_more sum, next, k01, k2, half
    smlad \sum, r5, \k01, \sum
    smlad \next, r6, \k01, \next
    smlab\half \sum, r6, \k2, \sum
    smlab\half \next, r7, \k2, \next
.endm

.macro edge_planar_load3 row
    ldr r5, [r12, #\row * .Ledge_planar_row]
    ldr r6, [r12, #.Ledge_planar_strip + \row * .Ledge_planar_row]
    ldr r7, [r12, #2 * .Ledge_planar_strip + \row * .Ledge_planar_row]
.endm

// Two rows of two outputs; r0 r1 r2 (k0, k1), r3 k2 of the first two rows, r4 shift and k2 of the third row.
.macro edge_planar_2_block_single
    edge_planar_load3 0
    ldr r11, [sp, #.Ledge_planar_bias]
    edge_planar_steps r8, r9, r0, r3, b, r11
    edge_planar_load3 1
    edge_planar_more r8, r9, r1, r3, t
    edge_planar_load3 2
    edge_planar_more r8, r9, r2, r4, t
    smlad r10, r5, r0, r11
    smlad r11, r6, r0, r11
    smlabb r10, r6, r3, r10
    smlabb r11, r7, r3, r11
    edge_planar_load3 3
    edge_planar_more r10, r11, r1, r3, t
    edge_planar_load3 4
    edge_planar_more r10, r11, r2, r4, t
    ldr r6, [sp, #.Ledge_planar_multiplier]
    ldr r7, [sp, #.Ledge_planar_offset]
    ldr r5, [sp, #.Ledge_planar_step]
    smmlar r8, r8, r6, r7
    smmlar r9, r9, r6, r7
    smmlar r10, r10, r6, r7
    smmlar r11, r11, r6, r7
    ldr r6, [sp, #.Ledge_planar_right]
    ldr r7, [sp, #.Ledge_planar_end]
    add r5, r5, lr
    asr r8, r8, r4
    asr r9, r9, r4
    asr r10, r10, r4
    asr r11, r11, r4
    ssat r8, #8, r8
    ssat r9, #8, r9
    ssat r10, #8, r10
    ssat r11, #8, r11
    // Where there is one column or one row the outputs that do not count go first, to the same place.
    strb r11, [r5, r6]
    strb r10, [r5]
    strb r9, [lr, r6]
    strb r8, [lr]
    ldr r6, [sp, #.Ledge_planar_below]
    add r12, r12, #4 * .Ledge_planar_row
    add lr, r5, r6
.endm

.macro edge_planar_2 issue
    edge_planar_begin edge_planar_2_\issue
    edge_planar_start
    // (k2, k2) of the first two rows, (shift, k2) of the third.
    ldr r6, [sp, #.Ledge_planar_shift]
    pkhtb r3, r3, r1, asr #16
    mov r1, r2
    mov r2, r4
    pkhbt r4, r6, r5
3:
    ldr r12, [sp, #.Ledge_planar_plane]
    ldr lr, [sp, #.Ledge_planar_y]
    ldr r6, [sp, #.Ledge_planar_rows]
    ldr r7, [sp, #.Ledge_planar_columns]
    ldr r8, [sp, #.Ledge_planar_right]
    ldr r10, [sp, #.Ledge_planar_below]
    add r9, r12, #2 * .Ledge_planar_strip
    str r9, [sp, #.Ledge_planar_plane]
    add r9, lr, r8, lsl #1
    str r9, [sp, #.Ledge_planar_y]
    subs r7, r7, #2
    str r7, [sp, #.Ledge_planar_columns]
    it mi
    movmi r8, #0
    str r8, [sp, #.Ledge_planar_right]
    str r10, [sp, #.Ledge_planar_step]
    lsrs r6, r6, #1
    add r7, r12, r6, lsl #6
    str r7, [sp, #.Ledge_planar_end]
    beq 5f
4:
    edge_planar_2_block_\issue
    cmp r12, r7
    bne 4b
5:
    // Once more for a last row by itself.
    ldr r6, [sp, #.Ledge_planar_rows]
    ldr r7, [sp, #.Ledge_planar_step]
    lsls r6, r6, #31
    beq 6f
    cbz r7, 6f
    movs r6, #0
    str r6, [sp, #.Ledge_planar_step]
    add r7, r12, #4 * .Ledge_planar_row
    str r7, [sp, #.Ledge_planar_end]
    b 4b
6:
    ldr r7, [sp, #.Ledge_planar_columns]
    cmp r7, #0
    bgt 3b
    edge_planar_finish
    .size edge_planar_2_\issue, . - edge_planar_2_\issue
.endm

.macro edge_planar_1_block_dual
    edge_planar_1_block_single
.endm
.macro edge_planar_2_block_dual
    edge_planar_2_block_single
.endm

.irp issue, single, dual
    edge_planar_1 \issue
    edge_planar_2 \issue
.endr

// Back to where the compiler left off.
    .text
