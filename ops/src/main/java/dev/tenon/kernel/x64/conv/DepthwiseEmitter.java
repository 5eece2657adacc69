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
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.conv.DepthwiseArgument.Job;
import java.util.EnumSet;

/**
 * Writes a function that computes depthwise windows of a channels-last image. It goes through jobs; in each through groups of
 * windows; in each through vectors of channels; in each through the taps of the window, line by line, with one sum for each
 * window of the group in a register. So a sum has one order, whatever the group.
 */
final class DepthwiseEmitter {
    /** The most windows of a group. */
    static final int MAX_WINDOWS = 8;

    private static final int WINDOWS_PER_BASE = 3;

    private final X64Assembler a;
    private final int bits;
    private final int windows;
    private final VectorRegister weights;
    private final VectorRegister bound;
    private final Gpr job;
    private final Gpr lines;
    private final Gpr taps;
    private final Gpr weightAt;
    private final Gpr windowStep;
    private final Gpr tapStep;
    private final Gpr pixel;
    private final Gpr temporary;
    private final Gpr[] bases;

    /**
     * An emitter.
     *
     * @param bits the width of vectors: 256 or 512
     * @param windows the windows of a group, at most {@link #MAX_WINDOWS}
     */
    DepthwiseEmitter(int bits, int windows) {
        this.bits = bits;
        this.windows = windows;
        a = new X64Assembler(
                bits == 512
                        ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512)
                        : EnumSet.of(InstructionSet.AVX2));
        weights = vector(windows);
        bound = vector(windows + 1);
        Registers registers = new Registers();
        bases = registers.take(Math.ceilDiv(windows, WINDOWS_PER_BASE));
        job = registers.take();
        lines = registers.take();
        taps = registers.take();
        weightAt = registers.take();
        windowStep = registers.take();
        tapStep = registers.take();
        pixel = registers.take();
        temporary = registers.take();
    }

    private VectorRegister vector(int number) {
        return new VectorRegister(number, bits, 0, false);
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
        copy(JOB_COUNT.address(), JOBS_LEFT.address());
        a.mov(windowStep, X_WINDOW.address());
        a.mov(tapStep, X_TAP.address());
        a.mov(pixel, PIXEL.address());
        Label nextJob = new Label();
        a.bind(nextJob);
        copy(of(Job.GROUPS), GROUPS_LEFT.address());
        copy(of(Job.X), X_GROUP.address());
        copy(of(Job.Y), Y_GROUP.address());
        Label group = new Label();
        a.bind(group);
        channels();
        advance(X_GROUP, windowStep);
        advance(Y_GROUP, pixel);
        repeat(GROUPS_LEFT, group);
        a.add(job, Job.BYTES);
        repeat(JOBS_LEFT, nextJob);
        Frame.leave(a);
        return a.toBytes();
    }

    private void copy(Address from, Address to) {
        a.mov(temporary, from);
        a.store(to, temporary);
    }

    /** Adds the step of a window to a variable, for each window. */
    private void advance(DepthwiseArgument variable, Gpr step) {
        a.mov(temporary, (long) windows);
        a.imul(temporary, step);
        a.add(temporary, variable.address());
        a.store(variable.address(), temporary);
    }

    private void repeat(DepthwiseArgument counter, Label loop) {
        a.mov(temporary, counter.address());
        a.sub(temporary, 1);
        a.store(counter.address(), temporary);
        a.jump(Condition.NOT_EQUAL, loop);
    }

    /** All vectors of channels of a group. The last one may overlap the one before it. */
    private void channels() {
        a.mov(taps, 0L);
        a.store(CHANNELS.address(), taps);
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
        copy(LAST_CHANNELS.address(), CHANNELS.address());
        a.jmp(vector);
        a.bind(end);
    }

    private void begin() {
        Label none = new Label();
        Label ready = new Label();
        a.mov(temporary, BIAS.address());
        a.test(temporary);
        a.jump(Condition.EQUAL, none);
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
            a.lea(bases[i], Address.at(bases[i - 1], windowStep, 2, 0));
            a.add(bases[i], windowStep);
        }
        a.mov(weightAt, of(Job.W));
        a.add(weightAt, CHANNELS.address());
        Label line = new Label();
        Label tap = new Label();
        Label end = new Label();
        a.mov(lines, of(Job.LINES));
        a.test(lines);
        a.jump(Condition.EQUAL, end);
        a.align();
        a.bind(line);
        a.mov(taps, of(Job.TAPS));
        a.bind(tap);
        a.emit(VectorInstruction.VMOVUPS, weights, Address.at(weightAt, 0));
        for (int i = 0; i < windows; i++) {
            Gpr base = bases[i / WINDOWS_PER_BASE];
            int rest = i % WINDOWS_PER_BASE;
            Address x = rest == 0 ? Address.at(base, 0) : Address.at(base, windowStep, rest, 0);
            a.emit(VectorInstruction.VFMADD231PS, vector(i), weights, x);
        }
        for (Gpr base : bases) {
            a.add(base, tapStep);
        }
        a.add(weightAt, pixel);
        a.sub(taps, 1);
        a.jump(Condition.NOT_EQUAL, tap);
        // From the end of a line of taps to the start of the next.
        skip(tapStep, X_LINE);
        for (Gpr base : bases) {
            a.add(base, temporary);
        }
        skip(pixel, W_LINE);
        a.add(weightAt, temporary);
        a.sub(lines, 1);
        a.jump(Condition.NOT_EQUAL, line);
        a.bind(end);
    }

    /** The bytes of a line less those of the taps that were read of it. */
    private void skip(Gpr step, DepthwiseArgument lineBytes) {
        a.mov(taps, of(Job.TAPS));
        a.imul(taps, step);
        a.mov(temporary, lineBytes.address());
        a.sub(temporary, taps);
    }

    private void finish() {
        Label ready = new Label();
        a.mov(temporary, CLIPS.address());
        a.test(temporary);
        a.jump(Condition.EQUAL, ready);
        a.emit(VectorInstruction.VBROADCASTSS, weights, LEAST.address());
        a.emit(VectorInstruction.VBROADCASTSS, bound, GREATEST.address());
        for (int i = 0; i < windows; i++) {
            // The second source wins if one is NaN, so a NaN stays.
            a.emit(VectorInstruction.VMAXPS, vector(i), weights, vector(i));
            a.emit(VectorInstruction.VMINPS, vector(i), bound, vector(i));
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
