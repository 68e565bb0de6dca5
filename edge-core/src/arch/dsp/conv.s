// Convolution with packed weights: tiles of three pixels by pairs of channels, and the gathering of windows.
// The orders of windows and weights are in kernels/packed/conv.rs.
//
// extern "C" fn(windows, weights, channels, y, y_step_1, y_step_2, channels_end, quads)
//
// r0 windows, r1 weights, r2 r3 r4 two taps of each pixel, r5 weights, r6 quads left,
// r7 r8 r9 sums of A, r10 r11 r12 sums of B or of 256*B + A, lr records of the pair or weights of B.

.syntax unified
.thumb

// Where the arguments are, behind four of the registers that were pushed and nine of the caller.
.equ .Ledge_conv_windows, 0
.equ .Ledge_conv_weights, 4
.equ .Ledge_conv_channels, 8
.equ .Ledge_conv_y, 12
.equ .Ledge_conv_step_1, 52
.equ .Ledge_conv_step_2, 56
.equ .Ledge_conv_end, 60
.equ .Ledge_conv_quads, 64

// Two taps of three pixels by 8-bit weights of two channels.
.macro edge_conv_two_s8
    ldr r3, [r0, #4]
    ldr r4, [r0, #8]
    ldr r2, [r0], #12
    ldr r5, [r1], #4
    smlad r10, r2, r5, r10
    smlad r11, r3, r5, r11
    smlad r12, r4, r5, r12
    sxtb16 r5, r5
    smlad r7, r2, r5, r7
    smlad r8, r3, r5, r8
    smlad r9, r4, r5, r9
.endm

// The same by 16-bit weights.
.macro edge_conv_two_s16
    ldr r3, [r0, #4]
    ldr r4, [r0, #8]
    ldr r2, [r0], #12
    ldr lr, [r1, #4]
    ldr r5, [r1], #8
    smlad r10, r2, lr, r10
    smlad r11, r3, lr, r11
    smlad r12, r4, lr, r12
    smlad r7, r2, r5, r7
    smlad r8, r3, r5, r8
    smlad r9, r4, r5, r9
.endm

// Sums to start from.
.macro edge_conv_start_s8
    add r10, r7, r10, lsl #8
.endm

.macro edge_conv_start_s16
.endm

// Sums of B times 2^\shift from what has been added up.
.macro edge_conv_part_s8 sum, a, shift
    sub \sum, \sum, \a
    asr \sum, \sum, #(8 - \shift)
.endm

.macro edge_conv_part_s16 sum, a, shift
.if \shift
    lsl \sum, \sum, #\shift
.endif
.endm

// An output from a sum: r4 multiplier, r5 offset, r6 shift. Exact: halves go away from zero. The sign of the sum
// stands for that of the product, which is the same or zero; where it is zero one less changes no output.
.macro edge_conv_finish_exact sum, y, at
    add r1, r5, \sum, asr #31
    smmlar \sum, \sum, r4, r1
    asr \sum, \sum, r6
    ssat \sum, #8, \sum
    strb \sum, [\y, #\at]
.endm

.macro edge_conv_finish_once sum, y, at
    smmlar \sum, \sum, r4, r5
    asr \sum, \sum, r6
    ssat \sum, #8, \sum
    strb \sum, [\y, #\at]
.endm

// \weights s8 or s16, \finish exact or once, with sums times 2^\shift.
.macro edge_conv_tile name, weights, finish, shift
.section .text.\name, "ax", %progbits
.global \name
.type \name, %function
.thumb_func
.p2align 2
\name:
    push {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, lr}
    mov lr, r2
1:
    // Sums begin with the bias.
    ldr r7, [lr]
    ldr r10, [lr, #16]
    ldr r0, [sp, #.Ledge_conv_windows]
    ldr r1, [sp, #.Ledge_conv_weights]
    ldr r6, [sp, #.Ledge_conv_quads]
    edge_conv_start_\weights
    mov r8, r7
    mov r9, r7
    mov r11, r10
    mov r12, r10
    // Quads beyond a multiple of four first.
    lsls r2, r6, #31
    bhi 5f
    bcs 4f
    bmi 6f
3:
    edge_conv_two_\weights
    edge_conv_two_\weights
5:
    edge_conv_two_\weights
    edge_conv_two_\weights
4:
    edge_conv_two_\weights
    edge_conv_two_\weights
6:
    edge_conv_two_\weights
    edge_conv_two_\weights
    subs r6, r6, #4
    bgt 3b
    str r1, [sp, #.Ledge_conv_weights]
.ifc \weights, s16
    ldr lr, [sp, #.Ledge_conv_channels]
.endif
    edge_conv_part_\weights r10, r7, \shift
    edge_conv_part_\weights r11, r8, \shift
    edge_conv_part_\weights r12, r9, \shift
.if \shift
    lsl r7, r7, #\shift
    lsl r8, r8, #\shift
    lsl r9, r9, #\shift
.endif
    ldr r0, [sp, #.Ledge_conv_y]
    ldr r2, [sp, #.Ledge_conv_step_1]
    ldr r3, [sp, #.Ledge_conv_step_2]
    ldr r4, [lr, #4]
    ldr r5, [lr, #8]
    ldr r6, [lr, #12]
    add r2, r2, r0
    add r3, r3, r2
    edge_conv_finish_\finish r7, r0, 0
    edge_conv_finish_\finish r8, r2, 0
    edge_conv_finish_\finish r9, r3, 0
    ldr r4, [lr, #20]
    ldr r5, [lr, #24]
    ldr r6, [lr, #28]
    ldr r7, [sp, #.Ledge_conv_end]
    edge_conv_finish_\finish r10, r0, 1
    edge_conv_finish_\finish r11, r2, 1
    edge_conv_finish_\finish r12, r3, 1
    add lr, lr, #32
    adds r0, r0, #2
    str r0, [sp, #.Ledge_conv_y]
.ifc \weights, s16
    str lr, [sp, #.Ledge_conv_channels]
.endif
    cmp lr, r7
    bne 1b
    add sp, sp, #16
    pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}
.size \name, . - \name
.endm

edge_conv_tile edge_conv_s8_exact_single, s8, exact, 1
edge_conv_tile edge_conv_s8_once_single, s8, once, 1
edge_conv_tile edge_conv_s8_native_single, s8, once, 0
edge_conv_tile edge_conv_s16_exact_single, s16, exact, 1
edge_conv_tile edge_conv_s16_once_single, s16, once, 1
edge_conv_tile edge_conv_s16_native_single, s16, once, 0

// Widens four bytes; r10 is lost.
.macro edge_conv_widen_to word, at
    sxtb16 r10, \word
    sxtb16 \word, \word, ror #8
    str r10, [r1, #\at]
    str \word, [r1, #(\at + 12)]
.endm

// Widens rows of bytes, each four in the order 0 2 1 3, to every third word; for several lanes.
// extern "C" fn(bytes, words, quads_of_row, row_stride, rows, lanes, lane_stride)
.section .text.edge_conv_widen, "ax", %progbits
.global edge_conv_widen
.type edge_conv_widen, %function
.thumb_func
.p2align 2
edge_conv_widen:
    push {r4, r5, r6, r7, r8, r9, r10, lr}
    sub r3, r3, r2, lsl #2
    push {r0, r1}
    ldr r9, [sp, #44]
1:
    ldr lr, [sp, #40]
2:
    lsls r12, r2, #30
    beq 4f
3:
    // Quads beyond a multiple of four.
    ldr r4, [r0], #4
    subs r12, r12, #(1 << 30)
    sxtb16 r5, r4
    sxtb16 r4, r4, ror #8
    str r4, [r1, #12]
    str r5, [r1], #24
    bne 3b
4:
    lsrs r12, r2, #2
    beq 6f
5:
    ldr r5, [r0, #4]
    ldr r6, [r0, #8]
    ldr r7, [r0, #12]
    ldr r4, [r0], #16
    subs r12, r12, #1
    edge_conv_widen_to r5, 24
    edge_conv_widen_to r6, 48
    edge_conv_widen_to r7, 72
    sxtb16 r5, r4
    sxtb16 r4, r4, ror #8
    str r4, [r1, #12]
    str r5, [r1], #96
    bne 5b
6:
    add r0, r0, r3
    subs lr, lr, #1
    bne 2b
    // The next lane.
    ldrd r0, r1, [sp]
    ldr r4, [sp, #48]
    subs r9, r9, #1
    add r0, r0, r4
    add r1, r1, #4
    strd r0, r1, [sp]
    bne 1b
    add sp, sp, #8
    pop {r4, r5, r6, r7, r8, r9, r10, pc}
.size edge_conv_widen, . - edge_conv_widen

// Copies rows of bytes of several lanes.
// extern "C" fn(bytes, copies, len, row_stride, row_step, rows, lanes, lane_stride, lane_step)
.section .text.edge_conv_copy, "ax", %progbits
.global edge_conv_copy
.type edge_conv_copy, %function
.thumb_func
.p2align 2
edge_conv_copy:
    push {r4, r5, r6, r7, r8, r9, r10, r11, lr}
    ldr r4, [sp, #36]
    ldr r6, [sp, #44]
    // Whole words; the last bytes as a word over bytes of the one before.
    bic r9, r2, #3
    sub r3, r3, r9
    sub r4, r4, r9
    and r10, r2, #3
    subs r10, r10, #4
    mov r11, r0
    mov r12, r1
1:
    ldr r5, [sp, #40]
2:
    movs r7, r9
    beq 6f
3:
    ldr r8, [r0], #4
    subs r7, r7, #4
    str r8, [r1], #4
    bne 3b
    cmn r10, #4
    beq 4f
    ldr r8, [r0, r10]
    str r8, [r1, r10]
4:
    subs r5, r5, #1
    add r0, r0, r3
    add r1, r1, r4
    bne 2b
    ldr r7, [sp, #48]
    ldr r8, [sp, #52]
    add r11, r11, r7
    add r12, r12, r8
    mov r0, r11
    mov r1, r12
    subs r6, r6, #1
    bne 1b
    pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}
6:
    ldrb r8, [r0, r7]
    strb r8, [r1, r7]
    adds r7, r7, #1
    cmp r7, r2
    blo 6b
    b 4b
.size edge_conv_copy, . - edge_conv_copy
