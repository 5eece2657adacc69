package dev.tenon.kernel.x64.conv;

import static dev.tenon.kernel.x64.conv.DepthwiseArgument.BIAS;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.CHANNELS;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.CLIPS;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.GREATEST;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.GROUPS_LEFT;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.JOBS;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.JOBS_LEFT;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.JOB_COUNT;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.LAST_CHANNELS;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.LEAST;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.PIXEL;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.W_LINE;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_GROUP;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_LINE;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_TAP;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_WINDOW;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.Y_GROUP;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.conv.DepthwiseArgument.Job;
import java.util.EnumSet;

/**
 * Writes a function that computes depthwise windows of a channels-last image. It goes through jobs; in each through groups of
 * windows; in each through vectors of channels; in each through the lines of the window and their taps, with one sum for each
 * window of the group in a register. So a sum has one order, whatever the group. A maximum takes the place of a sum in pooling.
 */
final class DepthwiseEmitter {
    private static final int STEPS_PER_BASE = 3;

    private static final int INPUTS = 4;
    private static final MaskRegister NAN = new MaskRegister(1);

    /** The predicate of comparisons that holds if an operand is NaN. */
    private static final int UNORDERED = 3;

    private static final int VECTORS_512 = 32;
    private static final int VECTORS_256 = 16;

    private final X64Assembler a;
    private final int bits;
    private final DepthwiseGroup group;
    private final boolean maximum;
    private final int windows;
    private final int taps;
    private final VectorRegister[] weights;
    private final VectorRegister[] inputs;
    private final Gpr job;
    private final Gpr lines;
    private final Gpr tapsLeft;
    private final Gpr weightAt;
    private final Gpr pixel;
    private final Gpr step;
    private final Gpr temporary;
    private final Gpr[] bases;

    /**
     * An emitter.
     *
     * @param bits the width of vectors: 256 or 512
     * @param group the windows of a group
     * @param maximum whether a result is the greatest tap, else the sum of taps times weights
     */
    DepthwiseEmitter(int bits, DepthwiseGroup group, boolean maximum) {
        this.bits = bits;
        this.group = group;
        this.maximum = maximum;
        windows = group.windows();
        taps = group.taps();
        a = new X64Assembler(
                bits == 512 ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512) : EnumSet.of(InstructionSet.AVX2));
        int total = bits == 512 ? VECTORS_512 : VECTORS_256;
        weights = vectors(windows, Math.max(1, taps));
        int used = windows + weights.length;
        inputs = vectors(used, Math.min(INPUTS, total - used));
        Registers registers = new Registers();
        bases = registers.take(Math.ceilDiv(taps == 0 ? windows : group.columns(), STEPS_PER_BASE));
        job = registers.take();
        lines = registers.take();
        weightAt = registers.take();
        pixel = registers.take();
        temporary = registers.take();
        step = taps == 0 ? registers.take() : pixel;
        tapsLeft = taps == 0 ? registers.take() : temporary;
    }

    private VectorRegister[] vectors(int first, int number) {
        return VectorRegister.range(first, number, bits);
    }

    private VectorRegister vector(int number) {
        return VectorRegister.of(number, bits);
    }

    private int vectorBytes() {
        return bits / Byte.SIZE;
    }

    private Address of(Job argument) {
        return Address.at(job, argument.offset());
    }

    /** Writes the function. */
    byte[] emit() {
        Frame.enter(a);
        a.mov(job, JOBS.address());
        JOB_COUNT.copyTo(a, temporary, JOBS_LEFT);
        a.mov(pixel, PIXEL.address());
        if (taps == 0) {
            a.mov(step, X_WINDOW.address());
        }
        Label nextJob = new Label();
        a.bind(nextJob);
        copy(of(Job.GROUPS), GROUPS_LEFT.address());
        copy(of(Job.X), X_GROUP.address());
        copy(of(Job.Y), Y_GROUP.address());
        Label group = new Label();
        a.bind(group);
        channels();
        advance(X_GROUP, X_WINDOW);
        advance(Y_GROUP, PIXEL);
        GROUPS_LEFT.countDown(a, temporary, group);
        a.add(job, Job.BYTES);
        JOBS_LEFT.countDown(a, temporary, nextJob);
        Frame.leave(a);
        return a.toBytes();
    }

    private void copy(Address from, Address to) {
        a.mov(temporary, from);
        a.store(to, temporary);
    }

    /** Adds the step of a window to a variable, for each window. */
    private void advance(DepthwiseArgument variable, DepthwiseArgument window) {
        a.mov(temporary, (long) windows);
        a.imul(temporary, window.address());
        a.add(temporary, variable.address());
        a.store(variable.address(), temporary);
    }

    /** All vectors of channels of a group. The last one may overlap the one before it. */
    private void channels() {
        a.mov(temporary, 0L);
        a.store(CHANNELS.address(), temporary);
        Label vector = new Label();
        Label end = new Label();
        a.bind(vector);
        begin();
        sum();
        finish();
        a.mov(temporary, CHANNELS.address());
        a.cmp(temporary, LAST_CHANNELS.address());
        a.jump(Condition.EQUAL, end);
        a.add(temporary, vectorBytes());
        a.store(CHANNELS.address(), temporary);
        a.cmp(temporary, LAST_CHANNELS.address());
        a.jump(Condition.LESS_EQUAL, vector);
        LAST_CHANNELS.copyTo(a, temporary, CHANNELS);
        a.jmp(vector);
        a.bind(end);
    }

    private void begin() {
        if (maximum) {
            for (int i = 0; i < windows; i++) {
                a.emit(VectorInstruction.VBROADCASTSS, vector(i), LEAST.address());
            }
            return;
        }
        Label none = new Label();
        Label ready = new Label();
        BIAS.jumpIfZero(a, temporary, none);
        a.add(temporary, CHANNELS.address());
        for (int i = 0; i < windows; i++) {
            a.emit(VectorInstruction.VMOVUPS, vector(i), Address.at(temporary, 0));
        }
        a.jmp(ready);
        a.bind(none);
        for (int i = 0; i < windows; i++) {
            a.emit(VectorInstruction.VXORPS, vector(i), vector(i), vector(i));
        }
        a.bind(ready);
    }

    private void sum() {
        a.mov(bases[0], X_GROUP.address());
        a.add(bases[0], CHANNELS.address());
        for (int i = 1; i < bases.length; i++) {
            a.lea(bases[i], Address.at(bases[i - 1], step, 2, 0));
            a.add(bases[i], step);
        }
        a.mov(weightAt, of(Job.W));
        a.add(weightAt, CHANNELS.address());
        Label line = new Label();
        Label end = new Label();
        a.mov(lines, of(Job.LINES));
        a.test(lines);
        a.jump(Condition.EQUAL, end);
        a.align();
        a.bind(line);
        if (taps == 0) {
            anyTaps();
        } else {
            slidingTaps();
        }
        a.sub(lines, 1);
        a.jump(Condition.NOT_EQUAL, line);
        a.bind(end);
    }

    private Address element(int i) {
        Gpr base = bases[i / STEPS_PER_BASE];
        int rest = i % STEPS_PER_BASE;
        return rest == 0 ? Address.at(base, 0) : Address.at(base, step, rest, 0);
    }

    /** A line of neighbouring taps. The weights are in registers; a column of the input is loaded once for all windows. */
    private void slidingTaps() {
        for (int t = 0; t < taps && !maximum; t++) {
            if (t > 0 && t % STEPS_PER_BASE == 0) {
                a.lea(weightAt, Address.at(weightAt, pixel, 2, 0));
                a.add(weightAt, pixel);
            }
            int rest = t % STEPS_PER_BASE;
            Address from = rest == 0 ? Address.at(weightAt, 0) : Address.at(weightAt, pixel, rest, 0);
            a.emit(VectorInstruction.VMOVUPS, weights[t], from);
        }
        for (int column = group.left(); column < group.columns() - group.right(); column++) {
            VectorRegister input = inputs[column % inputs.length];
            a.emit(VectorInstruction.VMOVUPS, input, element(column));
            compare(input);
            for (int t = 0; t < taps; t++) {
                int window = (column - t) / group.stride();
                if (column >= t && (column - t) % group.stride() == 0 && window < windows) {
                    add(vector(window), weights[t], input);
                }
            }
        }
        for (Gpr base : bases) {
            a.add(base, X_LINE.address());
        }
        int rest = taps - (taps - 1) / STEPS_PER_BASE * STEPS_PER_BASE;
        for (int i = 0; i < rest; i++) {
            a.add(weightAt, pixel);
        }
    }

    /** Finds the elements of an input that are NaN, if these are not found by sums. */
    private void compare(VectorRegister input) {
        if (maximum && bits == 512) {
            a.emit(VectorInstruction.VCMPPS_MASK, NAN, input, input, UNORDERED);
        } else if (maximum) {
            a.emit(VectorInstruction.VCMPPS, weights[0], input, input, UNORDERED);
        }
    }

    private void add(VectorRegister result, VectorRegister weight, VectorRegister input) {
        if (!maximum) {
            a.emit(VectorInstruction.VFMADD231PS, result, weight, input);
            return;
        }
        // The second source wins if one is NaN: a result that is NaN stays. An input that is NaN is moved.
        a.emit(VectorInstruction.VMAXPS, result, input, result);
        if (bits == 512) {
            a.emit(VectorInstruction.VMOVUPS, result.masked(NAN), input);
        } else {
            a.emit(VectorInstruction.VBLENDVPS, result, result, input, weights[0].number() << 4);
        }
    }

    /** A line of taps in a loop. */
    private void anyTaps() {
        Label tap = new Label();
        a.mov(tapsLeft, of(Job.TAPS));
        a.bind(tap);
        if (!maximum) {
            a.emit(VectorInstruction.VMOVUPS, weights[0], Address.at(weightAt, 0));
        }
        for (int i = 0; i < windows; i++) {
            a.emit(VectorInstruction.VMOVUPS, inputs[0], element(i));
            compare(inputs[0]);
            add(vector(i), weights[0], inputs[0]);
        }
        for (Gpr base : bases) {
            a.add(base, X_TAP.address());
        }
        a.add(weightAt, pixel);
        a.sub(tapsLeft, 1);
        a.jump(Condition.NOT_EQUAL, tap);
        // From the end of a line of taps to the start of the next.
        skip(X_TAP, X_LINE);
        for (Gpr base : bases) {
            a.add(base, temporary);
        }
        skip(PIXEL, W_LINE);
        a.add(weightAt, temporary);
    }

    /** The bytes of a line less those of the taps that were read of it. */
    private void skip(DepthwiseArgument tapBytes, DepthwiseArgument lineBytes) {
        a.mov(tapsLeft, of(Job.TAPS));
        a.imul(tapsLeft, tapBytes.address());
        a.mov(temporary, lineBytes.address());
        a.sub(temporary, tapsLeft);
    }

    private void finish() {
        Label ready = new Label();
        CLIPS.jumpIfZero(a, temporary, ready);
        a.emit(VectorInstruction.VBROADCASTSS, weights[0], LEAST.address());
        a.emit(VectorInstruction.VBROADCASTSS, inputs[0], GREATEST.address());
        for (int i = 0; i < windows; i++) {
            // The second source wins if one is NaN, so a NaN stays.
            a.emit(VectorInstruction.VMAXPS, vector(i), weights[0], vector(i));
            a.emit(VectorInstruction.VMINPS, vector(i), inputs[0], vector(i));
        }
        a.bind(ready);
        a.mov(temporary, Y_GROUP.address());
        a.add(temporary, CHANNELS.address());
        for (int i = 0; i < windows; i++) {
            a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(temporary, 0), vector(i));
            a.add(temporary, pixel);
        }
    }
}
