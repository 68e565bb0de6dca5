// Convolution with packed weights: tiles of three pixels by pairs of channels, and the gathering of windows.
// The orders of windows and weights are in kernels/packed/conv.rs.
//
// extern "C" fn(windows, weights, channels, y, y_step_1, y_step_2, channels_end, quads, windows_end)
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
.equ .Ledge_conv_windows_end, 68

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

// The same where loads issue beside the multiplications: r2 r3 r4 and \w are there, those of the next two taps are
// loaded.
.macro edge_conv_two_dual w, next
    smlad r10, r2, \w, r10
    ldr \next, [r1], #4
    smlad r11, r3, \w, r11
    sxtb16 lr, \w
    smlad r12, r4, \w, r12
    smlad r7, r2, lr, r7
    ldr r2, [r0], #12
    smlad r8, r3, lr, r8
    ldr r3, [r0, #-8]
    smlad r9, r4, lr, r9
    ldr r4, [r0, #-4]
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

// Outputs from the sums of three pixels: r4 multiplier, r5 offset, r6 shift. Away: halves go away from zero. The
// sign of the sum stands for that of the product, which is the same or zero; where it is zero one less changes no
// output.
.macro edge_conv_finish_away s0, s1, s2, at
    add r1, r5, \s0, asr #31
    smmlar \s0, \s0, r4, r1
    add r1, r5, \s1, asr #31
    smmlar \s1, \s1, r4, r1
    add r1, r5, \s2, asr #31
    smmlar \s2, \s2, r4, r1
    edge_conv_store \s0, \s1, \s2, \at
.endm

.macro edge_conv_finish_nearest s0, s1, s2, at
    smmlar \s0, \s0, r4, r5
    smmlar \s1, \s1, r4, r5
    smmlar \s2, \s2, r4, r5
    edge_conv_store \s0, \s1, \s2, \at
.endm

.macro edge_conv_finish_floor s0, s1, s2, at
    smmla \s0, \s0, r4, r5
    smmla \s1, \s1, r4, r5
    smmla \s2, \s2, r4, r5
    edge_conv_store \s0, \s1, \s2, \at
.endm

.macro edge_conv_store s0, s1, s2, at
    asr \s0, \s0, r6
    asr \s1, \s1, r6
    ssat \s0, #8, \s0
    asr \s2, \s2, r6
    ssat \s1, #8, \s1
    strb \s0, [r0, #\at]
    ssat \s2, #8, \s2
    strb \s1, [r2, #\at]
    strb \s2, [r3, #\at]
.endm

// Sums begin with the bias; lr records.
.macro edge_conv_start weights
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
.endm

// Outputs of the pair from its sums times 2^\shift; goes back to 1 for the next pair. lr records.
.macro edge_conv_end weights, finish, shift
    edge_conv_part_\weights r10, r7, \shift
    edge_conv_part_\weights r11, r8, \shift
    edge_conv_part_\weights r12, r9, \shift
    ldr r0, [sp, #.Ledge_conv_y]
    ldr r2, [sp, #.Ledge_conv_step_1]
    ldr r3, [sp, #.Ledge_conv_step_2]
    ldr r4, [lr, #4]
    ldr r5, [lr, #8]
    ldr r6, [lr, #12]
.if \shift
    lsl r7, r7, #\shift
    lsl r8, r8, #\shift
    lsl r9, r9, #\shift
.endif
    add r2, r2, r0
    add r3, r3, r2
    edge_conv_finish_\finish r7, r8, r9, 0
    ldr r4, [lr, #20]
    ldr r5, [lr, #24]
    ldr r6, [lr, #28]
    ldr r7, [sp, #.Ledge_conv_end]
    add lr, lr, #32
    edge_conv_finish_\finish r10, r11, r12, 1
    adds r0, r0, #2
    str r0, [sp, #.Ledge_conv_y]
    cmp lr, r7
    bne 1b
    add sp, sp, #16
    pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}
.endm

.macro edge_conv_function name
.section .text.\name, "ax", %progbits
.global \name
.type \name, %function
.thumb_func
.p2align 2
\name:
    push {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, lr}
    mov lr, r2
.endm

// \weights s8 or s16, \finish away, nearest or floor, with sums times 2^\shift.
.macro edge_conv_single name, weights, finish, shift
    edge_conv_function \name
1:
    edge_conv_start \weights
.ifc \weights, s16
    str lr, [sp, #.Ledge_conv_channels]
.endif
    // Quads beyond a multiple of four first.
    lsls r2, r6, #31
    bhi 3f
    bcs 4f
    bmi 5f
2:
    edge_conv_two_\weights
    edge_conv_two_\weights
3:
    edge_conv_two_\weights
    edge_conv_two_\weights
4:
    edge_conv_two_\weights
    edge_conv_two_\weights
5:
    edge_conv_two_\weights
    edge_conv_two_\weights
    subs r6, r6, #4
    bgt 2b
    str r1, [sp, #.Ledge_conv_weights]
.ifc \weights, s16
    ldr lr, [sp, #.Ledge_conv_channels]
.endif
    edge_conv_end \weights, \finish, \shift
.size \name, . - \name
.endm

// The same for cores that issue two instructions a cycle, 8-bit weights: r5 and r6 weights of these two taps and of
// the next two, lr the weights of A. Reads one step ahead, at the end 12 bytes behind the windows and 4 behind the
// weights.
.macro edge_conv_dual name, finish, shift
    edge_conv_function \name
1:
    str lr, [sp, #.Ledge_conv_channels]
    edge_conv_start s8
    lsls lr, r6, #31
    ldr r2, [r0], #12
    ldr r5, [r1], #4
    ldr r3, [r0, #-8]
    ldr r4, [r0, #-4]
    bhi 3f
    bcs 4f
    bmi 5f
2:
    edge_conv_two_dual r5, r6
    edge_conv_two_dual r6, r5
3:
    edge_conv_two_dual r5, r6
    edge_conv_two_dual r6, r5
4:
    edge_conv_two_dual r5, r6
    edge_conv_two_dual r6, r5
5:
    edge_conv_two_dual r5, r6
    smlad r10, r2, r6, r10
    ldr r5, [sp, #.Ledge_conv_windows_end]
    smlad r11, r3, r6, r11
    sxtb16 lr, r6
    smlad r12, r4, r6, r12
    smlad r7, r2, lr, r7
    ldr r2, [r0], #12
    smlad r8, r3, lr, r8
    ldr r3, [r0, #-8]
    smlad r9, r4, lr, r9
    ldr r4, [r0, #-4]
    cmp r0, r5
    ldr r5, [r1], #4
    bls 2b
    ldr lr, [sp, #.Ledge_conv_channels]
    subs r1, r1, #4
    str r1, [sp, #.Ledge_conv_weights]
    edge_conv_end s8, \finish, \shift
.size \name, . - \name
.endm

.irp finish, away, nearest, floor
edge_conv_single edge_conv_s8_\finish\()_single, s8, \finish, 1
edge_conv_single edge_conv_s16_\finish\()_single, s16, \finish, 1
edge_conv_dual edge_conv_s8_\finish\()_dual, \finish, 1
.endr
edge_conv_single edge_conv_s8_native_single, s8, nearest, 0
edge_conv_single edge_conv_s16_native_single, s16, nearest, 0
edge_conv_dual edge_conv_s8_native_dual, nearest, 0

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
