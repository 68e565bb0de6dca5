// Depthwise convolution by planes. The layout of scratch memory is in kernels/packed/planar_depthwise.rs, that of
// the arguments in arch/dsp/planar_depthwise.rs.

.syntax unified
.thumb

// Bytes from a row of a strip to the next, and from a strip to the next.
.equ .Ledge_planar_row, 16
.equ .Ledge_planar_strip, 160

.macro edge_planar_begin name
    .section .text.\name, "ax", %progbits
    .balign 4
    .globl \name
    .type \name, %function
    .thumb_func
\name:
.endm

// Four channels of two columns become a word for each channel.
// r0 r1 columns, r2 r3 bytes to their next rows, r12 where to.
.macro edge_planar_words
    ldr r4, [r0]
    ldr r5, [r1]
    add r0, r0, r2
    add r1, r1, r3
    pkhbt r6, r4, r5, lsl #16
    pkhtb r7, r5, r4, asr #16
    sxtb16 r4, r6
    sxtb16 r5, r6, ror #8
    str r4, [r12], #.Ledge_planar_row
    sxtb16 r6, r7
    str r5, [r12, #-12]
    sxtb16 r7, r7, ror #8
    str r6, [r12, #-8]
    str r7, [r12, #-4]
.endm

// Fills strips; columns outside the image read a word of padding instead.
// r8 the first column of the strip, r9 the argument, r10 its number, r11 the strip.
    edge_planar_begin edge_planar_gather
    push {r4-r11, lr}
    mov r9, r0
    ldr r8, [r0]
    ldr r11, [r0, #4]
    ldr r10, [r0, #8]
1:
    ldr r1, [r9, #12]
    ldr r2, [r9, #16]
    ldr r4, [r9, #20]
    ldr lr, [r9, #24]
    mov r0, r8
    mov r12, r11
    add r5, r10, #1
    mov r3, r2
    cmp r10, r4
    itt hs
    addhs r0, r9, #32
    movhs r2, #0
    add r6, r8, r1
    add r8, r6, r1
    mov r1, r6
    cmp r5, r4
    itt hs
    addhs r1, r9, #32
    movhs r3, #0
    add r10, r10, #2
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
    ldr r0, [r9, #28]
    subs r0, r0, #1
    str r0, [r9, #28]
    bne 1b
    pop {r4-r11, pc}
    .size edge_planar_gather, . - edge_planar_gather

    edge_planar_begin edge_planar_blank
1:
    str r1, [r0], #.Ledge_planar_strip
    subs r2, r2, #1
    str r1, [r0, #4 - .Ledge_planar_strip]
    str r1, [r0, #8 - .Ledge_planar_strip]
    str r1, [r0, #12 - .Ledge_planar_strip]
    bne 1b
    bx lr
    .size edge_planar_blank, . - edge_planar_blank

    edge_planar_begin edge_planar_carry
    push {r4-r7, lr}
1:
    mov r12, r2
2:
    ldm r1!, {r4-r7}
    stm r0!, {r4-r7}
    subs r12, r12, #1
    bne 2b
    sub r0, r0, r2, lsl #4
    sub r1, r1, r2, lsl #4
    add r0, r0, #.Ledge_planar_strip
    add r1, r1, #.Ledge_planar_strip
    subs r3, r3, #1
    bne 1b
    pop {r4-r7, pc}
    .size edge_planar_carry, . - edge_planar_carry

// The arguments of the functions that compute.
.equ .Ledge_planar_argument_y, 0
.equ .Ledge_planar_argument_strips, 4
.equ .Ledge_planar_argument_weights, 8
.equ .Ledge_planar_argument_records, 12
.equ .Ledge_planar_argument_channels, 16
.equ .Ledge_planar_argument_rows, 20
.equ .Ledge_planar_argument_columns, 24
.equ .Ledge_planar_argument_right, 28
.equ .Ledge_planar_argument_below, 32
.equ .Ledge_planar_argument_pre_shift, 36

// Their frame.
.equ .Ledge_planar_frame_argument, 0
.equ .Ledge_planar_frame_bias, 4
// Shift, and above it 256 times the bytes to the right.
.equ .Ledge_planar_frame_shift, 8
.equ .Ledge_planar_frame_below, 12
// The last full block of a strip.
.equ .Ledge_planar_frame_last, 16
.equ .Ledge_planar_frame_columns, 20
// Whether there is an odd row below the blocks.
.equ .Ledge_planar_frame_odd, 24
// From where a strip ends to where the next begins.
.equ .Ledge_planar_frame_strip, 28
.equ .Ledge_planar_frame_y, 32
// From a strip to its last block.
.equ .Ledge_planar_frame_blocks, 36
.equ .Ledge_planar_frame_multiplier, 40
.equ .Ledge_planar_frame_offset, 44
// Stride 1: (k0, k1), (k1, k2) of each row.
.equ .Ledge_planar_frame_weights, 48
.equ .Ledge_planar_frame_size, 72

// What all channels share. Two output rows of a strip are 2 << \block bytes.
.macro edge_planar_shared stride, block
    push {r4-r11, lr}
    sub sp, sp, #.Ledge_planar_frame_size
    str r0, [sp, #.Ledge_planar_frame_argument]
    ldr r1, [r0, #.Ledge_planar_argument_rows]
    ldr r2, [r0, #.Ledge_planar_argument_right]
    ldr r3, [r0, #.Ledge_planar_argument_below]
    // A row by itself is a block that has the second row where it has the first.
    cmp r1, #1
    itt eq
    moveq r3, #0
    moveq r1, #2
    and r4, r1, #1
    bic r1, r1, #1
    mul r5, r3, r1
    lsl r1, r1, #\block
    rsb r6, r1, #\stride * .Ledge_planar_strip
    rsb r5, r5, r2, lsl #1
    sub r1, r1, #2 << \block
    str r3, [sp, #.Ledge_planar_frame_below]
    str r4, [sp, #.Ledge_planar_frame_odd]
    str r6, [sp, #.Ledge_planar_frame_strip]
    str r5, [sp, #.Ledge_planar_frame_y]
    str r1, [sp, #.Ledge_planar_frame_blocks]
.endm

// Begins a channel: weights in r0 to r5: (k0, k1), (k1, k2) of each row, times 2^pre_shift; r10 multiplier,
// r11 offset, r12 the first strip, lr its outputs.
.macro edge_planar_channel
    ldr r0, [sp, #.Ledge_planar_frame_argument]
    ldr r6, [sp, #.Ledge_planar_frame_blocks]
    ldr r1, [r0, #.Ledge_planar_argument_columns]
    ldr r2, [r0, #.Ledge_planar_argument_right]
    ldr r3, [r0, #.Ledge_planar_argument_pre_shift]
    ldr lr, [r0]
    ldr r12, [r0, #.Ledge_planar_argument_strips]
    ldr r7, [r0, #.Ledge_planar_argument_weights]
    ldr r8, [r0, #.Ledge_planar_argument_records]
    add r4, lr, #1
    add r5, r12, #4
    str r4, [r0]
    str r5, [r0, #.Ledge_planar_argument_strips]
    add r6, r6, r12
    ldr r9, [r8], #16
    ldr r10, [r8, #-12]
    ldr r11, [r8, #-8]
    ldr r4, [r8, #-4]
    str r8, [r0, #.Ledge_planar_argument_records]
    lsl r9, r9, r3
    cmp r1, #1
    it ne
    addne r4, r4, r2, lsl #8
    str r9, [sp, #.Ledge_planar_frame_bias]
    str r4, [sp, #.Ledge_planar_frame_shift]
    str r6, [sp, #.Ledge_planar_frame_last]
    str r1, [sp, #.Ledge_planar_frame_columns]
    ldr r1, [r7], #12
    ldr r2, [r7, #-8]
    ldr r5, [r7, #-4]
    str r7, [r0, #.Ledge_planar_argument_weights]
    cmp r3, #0
    sxtb16 r0, r1
    sxtb16 r1, r1, ror #8
    sxtb16 r3, r2, ror #8
    sxtb16 r2, r2
    sxtb16 r4, r5
    sxtb16 r5, r5, ror #8
    beq 2f
    sadd16 r0, r0, r0
    sadd16 r1, r1, r1
    sadd16 r2, r2, r2
    sadd16 r3, r3, r3
    sadd16 r4, r4, r4
    sadd16 r5, r5, r5
2:
.endm

// Goes to the next strip at 3, or to the next channel at 0.
.macro edge_planar_next stride
    ldr r5, [sp, #.Ledge_planar_frame_strip]
    ldr r6, [sp, #.Ledge_planar_frame_y]
    ldr r7, [sp, #.Ledge_planar_frame_last]
    ldr r8, [sp, #.Ledge_planar_frame_columns]
    add r12, r12, r5
    add lr, lr, r6
    add r7, r7, #\stride * .Ledge_planar_strip
    subs r8, r8, #2
    str r7, [sp, #.Ledge_planar_frame_last]
    str r8, [sp, #.Ledge_planar_frame_columns]
    ble 9f
    cmp r8, #1
    bne 3b
    // The second output of a pair goes where the first does, before it.
    ldrb r8, [sp, #.Ledge_planar_frame_shift]
    str r8, [sp, #.Ledge_planar_frame_shift]
    b 3b
9:
    ldr r0, [sp, #.Ledge_planar_frame_argument]
    ldr r1, [r0, #.Ledge_planar_argument_channels]
    subs r1, r1, #1
    str r1, [r0, #.Ledge_planar_argument_channels]
    bne 0b
    add sp, sp, #.Ledge_planar_frame_size
    pop {r4-r11, pc}
.endm

// Stride 1: words a and b times a row of weights in r0 and r1: two sums more.
.macro edge_planar_taps sum, next, a, b, from, other
    smlad \sum, \a, r0, \from
    smlatb \next, \a, r0, \other
    smlabt \sum, \b, r1, \sum
    smlad \next, \b, r1, \next
.endm

.macro edge_planar_weights row
    ldr r0, [sp, #.Ledge_planar_frame_weights + 8 * \row]
    ldr r1, [sp, #.Ledge_planar_frame_weights + 8 * \row + 4]
.endm

// The first two rows of a strip.
.macro edge_planar_rows
    ldr r2, [r12]
    ldr r3, [r12, #.Ledge_planar_strip]
    ldr r4, [r12, #.Ledge_planar_row]
    ldr r5, [r12, #.Ledge_planar_strip + .Ledge_planar_row]
.endm

// Two rows of two outputs. r0 r1 weights, r2 to r5 two rows of words, r6 to r9 sums, r10 multiplier, r11 offset,
// r12 strip, lr outputs. \multiply scales a sum: smmlar rounds the product to the nearest number, smmla down.
.macro edge_planar_1_block_single multiply
    edge_planar_weights 0
    ldr r9, [sp, #.Ledge_planar_frame_bias]
    ldr r6, [sp, #.Ledge_planar_frame_last]
    cmp r12, r6
    edge_planar_taps r6, r7, r2, r3, r9, r9
    edge_planar_taps r8, r9, r4, r5, r9, r9
    edge_planar_weights 1
    ldr r3, [r12, #.Ledge_planar_strip + 2 * .Ledge_planar_row]
    ldr r2, [r12, #2 * .Ledge_planar_row]!
    edge_planar_taps r6, r7, r4, r5, r6, r7
    edge_planar_taps r8, r9, r2, r3, r8, r9
    edge_planar_weights 2
    ldr r5, [r12, #.Ledge_planar_strip + .Ledge_planar_row]
    ldr r4, [r12, #.Ledge_planar_row]
    edge_planar_taps r6, r7, r2, r3, r6, r7
    edge_planar_taps r8, r9, r4, r5, r8, r9
    \multiply r6, r6, r10, r11
    \multiply r7, r7, r10, r11
    ldr r0, [sp, #.Ledge_planar_frame_shift]
    ldr r1, [sp, #.Ledge_planar_frame_below]
    \multiply r8, r8, r10, r11
    \multiply r9, r9, r10, r11
    asr r6, r6, r0
    asr r7, r7, r0
    asr r8, r8, r0
    asr r9, r9, r0
    add r0, lr, r0, lsr #8
    ssat r6, #8, r6
    ssat r7, #8, r7
    ssat r8, #8, r8
    ssat r9, #8, r9
    // Outputs that do not count go first, to where others come.
    strb r9, [r0, r1]
    strb r8, [lr, r1]
    strb r7, [r0]
    strb r6, [lr]
    add lr, lr, r1, lsl #1
.endm

// The same in pairs of a multiplication and a load.
.macro edge_planar_1_block_dual multiply
    ldr r0, [sp, #.Ledge_planar_frame_weights]
    ldr r9, [sp, #.Ledge_planar_frame_bias]
    ldr r6, [sp, #.Ledge_planar_frame_last]
    ldr r1, [sp, #.Ledge_planar_frame_weights + 4]
    smlatb r7, r2, r0, r9
    smlad r8, r4, r0, r9
    cmp r12, r6
    smlad r6, r2, r0, r9
    ldr r2, [r12, #2 * .Ledge_planar_row]!
    smlatb r9, r4, r0, r9
    ldr r0, [sp, #.Ledge_planar_frame_weights + 8]
    smlad r7, r3, r1, r7
    smlabt r6, r3, r1, r6
    ldr r3, [r12, #.Ledge_planar_strip]
    smlabt r8, r5, r1, r8
    smlad r9, r5, r1, r9
    ldr r1, [sp, #.Ledge_planar_frame_weights + 12]
    smlad r6, r4, r0, r6
    smlatb r7, r4, r0, r7
    ldr r4, [r12, #.Ledge_planar_row]
    smlad r8, r2, r0, r8
    smlatb r9, r2, r0, r9
    ldr r0, [sp, #.Ledge_planar_frame_weights + 16]
    smlabt r6, r5, r1, r6
    smlad r7, r5, r1, r7
    ldr r5, [r12, #.Ledge_planar_strip + .Ledge_planar_row]
    smlabt r8, r3, r1, r8
    smlad r9, r3, r1, r9
    ldr r1, [sp, #.Ledge_planar_frame_weights + 20]
    smlad r8, r4, r0, r8
    smlatb r9, r4, r0, r9
    smlad r6, r2, r0, r6
    smlatb r7, r2, r0, r7
    ldr r0, [sp, #.Ledge_planar_frame_shift]
    smlabt r8, r5, r1, r8
    smlad r9, r5, r1, r9
    smlabt r6, r3, r1, r6
    smlad r7, r3, r1, r7
    ldr r1, [sp, #.Ledge_planar_frame_below]
    \multiply r9, r9, r10, r11
    \multiply r8, r8, r10, r11
    \multiply r7, r7, r10, r11
    asr r9, r9, r0
    \multiply r6, r6, r10, r11
    asr r8, r8, r0
    ssat r9, #8, r9
    asr r7, r7, r0
    ssat r8, #8, r8
    asr r6, r6, r0
    ssat r7, #8, r7
    add r0, lr, r0, lsr #8
    ssat r6, #8, r6
    strb r9, [r0, r1]
    strb r8, [lr, r1]
    strb r7, [r0]
    strb r6, [lr]
    add lr, lr, r1, lsl #1
.endm

// One row of two outputs.
.macro edge_planar_1_row multiply
    edge_planar_weights 0
    ldr r7, [sp, #.Ledge_planar_frame_bias]
    edge_planar_taps r6, r7, r2, r3, r7, r7
    edge_planar_weights 1
    ldr r3, [r12, #.Ledge_planar_strip + 2 * .Ledge_planar_row]
    ldr r2, [r12, #2 * .Ledge_planar_row]
    edge_planar_taps r6, r7, r4, r5, r6, r7
    edge_planar_weights 2
    ldr r4, [sp, #.Ledge_planar_frame_shift]
    edge_planar_taps r6, r7, r2, r3, r6, r7
    \multiply r6, r6, r10, r11
    \multiply r7, r7, r10, r11
    add r0, lr, r4, lsr #8
    asr r6, r6, r4
    asr r7, r7, r4
    ssat r6, #8, r6
    ssat r7, #8, r7
    strb r7, [r0]
    strb r6, [lr]
.endm

.macro edge_planar_1 name, issue, multiply
    edge_planar_begin \name
    edge_planar_shared 1, 4
0:
    edge_planar_channel
    add r6, sp, #.Ledge_planar_frame_weights
    stm r6, {r0-r5}
3:
    edge_planar_rows
4:
    edge_planar_1_block_\issue \multiply
    bne 4b
    ldr r0, [sp, #.Ledge_planar_frame_odd]
    cbz r0, 5f
    edge_planar_1_row \multiply
5:
    edge_planar_next 1
    .size \name, . - \name
.endm

// Stride 2: words a, b and c in r5, r6 and r7 times a row of weights; k2 is the \half of \k2.
.macro edge_planar_steps sum, next, k01, k2, half, from, other
    smlad \sum, r5, \k01, \from
    smlad \next, r6, \k01, \other
    smlab\half \sum, r6, \k2, \sum
    smlab\half \next, r7, \k2, \next
.endm

.macro edge_planar_load3 row
    ldr r5, [r12, #\row * .Ledge_planar_row]
    ldr r6, [r12, #.Ledge_planar_strip + \row * .Ledge_planar_row]
    ldr r7, [r12, #2 * .Ledge_planar_strip + \row * .Ledge_planar_row]
.endm

// Two rows of two outputs. r0 r1 r2 (k0, k1), r3 k2 of the first two rows, r4 shift and k2 of the third row.
.macro edge_planar_2_block_single multiply
    edge_planar_load3 0
    ldr r11, [sp, #.Ledge_planar_frame_bias]
    ldr r8, [sp, #.Ledge_planar_frame_last]
    cmp r12, r8
    edge_planar_steps r8, r9, r0, r3, b, r11, r11
    edge_planar_load3 1
    edge_planar_steps r8, r9, r1, r3, t, r8, r9
    edge_planar_load3 2
    edge_planar_steps r8, r9, r2, r4, t, r8, r9
    edge_planar_steps r10, r11, r0, r3, b, r11, r11
    edge_planar_load3 3
    edge_planar_steps r10, r11, r1, r3, t, r10, r11
    edge_planar_load3 4
    edge_planar_steps r10, r11, r2, r4, t, r10, r11
    ldr r6, [sp, #.Ledge_planar_frame_multiplier]
    ldr r7, [sp, #.Ledge_planar_frame_offset]
    ldr r5, [sp, #.Ledge_planar_frame_below]
    \multiply r8, r8, r6, r7
    \multiply r9, r9, r6, r7
    \multiply r10, r10, r6, r7
    \multiply r11, r11, r6, r7
    ldr r6, [sp, #.Ledge_planar_frame_shift]
    add r12, r12, #4 * .Ledge_planar_row
    asr r8, r8, r4
    asr r9, r9, r4
    asr r10, r10, r4
    asr r11, r11, r4
    add r6, lr, r6, lsr #8
    ssat r8, #8, r8
    ssat r9, #8, r9
    ssat r10, #8, r10
    ssat r11, #8, r11
    // Outputs that do not count go first, to where others come.
    strb r11, [r6, r5]
    strb r10, [lr, r5]
    strb r9, [r6]
    strb r8, [lr]
    add lr, lr, r5, lsl #1
.endm

// The same in pairs of a multiplication and a load.
.macro edge_planar_2_block_dual multiply
    edge_planar_load3 0
    ldr r11, [sp, #.Ledge_planar_frame_bias]
    smlad r8, r5, r0, r11
    ldr r5, [r12, #.Ledge_planar_row]
    smlad r9, r6, r0, r11
    smlabb r8, r6, r3, r8
    ldr r6, [r12, #.Ledge_planar_strip + .Ledge_planar_row]
    smlabb r9, r7, r3, r9
    ldr r7, [r12, #2 * .Ledge_planar_strip + .Ledge_planar_row]
    smlad r8, r5, r1, r8
    ldr r5, [r12, #2 * .Ledge_planar_row]
    smlad r9, r6, r1, r9
    smlabt r8, r6, r3, r8
    ldr r6, [r12, #.Ledge_planar_strip + 2 * .Ledge_planar_row]
    smlabt r9, r7, r3, r9
    ldr r7, [r12, #2 * .Ledge_planar_strip + 2 * .Ledge_planar_row]
    smlad r8, r5, r2, r8
    smlad r10, r5, r0, r11
    ldr r5, [r12, #3 * .Ledge_planar_row]
    smlad r9, r6, r2, r9
    smlad r11, r6, r0, r11
    smlabt r8, r6, r4, r8
    smlabb r10, r6, r3, r10
    ldr r6, [r12, #.Ledge_planar_strip + 3 * .Ledge_planar_row]
    smlabt r9, r7, r4, r9
    smlabb r11, r7, r3, r11
    ldr r7, [r12, #2 * .Ledge_planar_strip + 3 * .Ledge_planar_row]
    smlad r10, r5, r1, r10
    ldr r5, [r12, #4 * .Ledge_planar_row]
    smlad r11, r6, r1, r11
    smlabt r10, r6, r3, r10
    ldr r6, [r12, #.Ledge_planar_strip + 4 * .Ledge_planar_row]
    smlabt r11, r7, r3, r11
    ldr r7, [r12, #2 * .Ledge_planar_strip + 4 * .Ledge_planar_row]
    smlad r10, r5, r2, r10
    ldr r5, [sp, #.Ledge_planar_frame_multiplier]
    smlad r11, r6, r2, r11
    smlabt r10, r6, r4, r10
    ldr r6, [sp, #.Ledge_planar_frame_offset]
    smlabt r11, r7, r4, r11
    ldr r7, [sp, #.Ledge_planar_frame_last]
    \multiply r8, r8, r5, r6
    \multiply r9, r9, r5, r6
    cmp r12, r7
    \multiply r10, r10, r5, r6
    asr r8, r8, r4
    \multiply r11, r11, r5, r6
    ldr r6, [sp, #.Ledge_planar_frame_shift]
    ssat r8, #8, r8
    asr r9, r9, r4
    ldr r5, [sp, #.Ledge_planar_frame_below]
    add r12, r12, #4 * .Ledge_planar_row
    asr r10, r10, r4
    ssat r9, #8, r9
    asr r11, r11, r4
    ssat r10, #8, r10
    add r6, lr, r6, lsr #8
    ssat r11, #8, r11
    strb r11, [r6, r5]
    strb r10, [lr, r5]
    strb r9, [r6]
    strb r8, [lr]
    add lr, lr, r5, lsl #1
.endm

.macro edge_planar_2 name, issue, multiply
    edge_planar_begin \name
    edge_planar_shared 2, 5
0:
    edge_planar_channel
    str r10, [sp, #.Ledge_planar_frame_multiplier]
    str r11, [sp, #.Ledge_planar_frame_offset]
    // (k2, k2) of the first two rows, (shift, k2) of the third.
    ldrb r6, [sp, #.Ledge_planar_frame_shift]
    pkhtb r3, r3, r1, asr #16
    mov r1, r2
    mov r2, r4
    pkhbt r4, r6, r5
3:
    edge_planar_2_block_\issue \multiply
    bne 3b
    ldr r5, [sp, #.Ledge_planar_frame_odd]
    cbnz r5, 6f
5:
    edge_planar_next 2
6:
    // The odd row is a block that has the second row where it has the first.
    ldr r5, [sp, #.Ledge_planar_frame_below]
    cbz r5, 7f
    movs r5, #0
    str r5, [sp, #.Ledge_planar_frame_below]
    str r12, [sp, #.Ledge_planar_frame_last]
    b 3b
7:
    ldr r5, [sp, #.Ledge_planar_frame_argument]
    ldr r6, [sp, #.Ledge_planar_frame_last]
    ldr r5, [r5, #.Ledge_planar_argument_below]
    sub r6, r6, #4 * .Ledge_planar_row
    str r5, [sp, #.Ledge_planar_frame_below]
    str r6, [sp, #.Ledge_planar_frame_last]
    sub r12, r12, #4 * .Ledge_planar_row
    b 5b
    .size \name, . - \name
.endm

.irp issue, single, dual
    edge_planar_1 edge_planar_1_\issue, \issue, smmlar
    edge_planar_1 edge_planar_1_\issue\()_floor, \issue, smmla
    edge_planar_2 edge_planar_2_\issue, \issue, smmlar
    edge_planar_2 edge_planar_2_\issue\()_floor, \issue, smmla
.endr

// Back to where the compiler left off.
    .text
