package dev.tenon.kernel.x64.norm;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R12;
import static dev.tenon.asm.Gpr.R13;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RBX;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;
import static dev.tenon.asm.VectorInstruction.VADDPS;
import static dev.tenon.asm.VectorInstruction.VBROADCASTSS;
import static dev.tenon.asm.VectorInstruction.VDIVPS;
import static dev.tenon.asm.VectorInstruction.VMAXPS;
import static dev.tenon.asm.VectorInstruction.VMOVD_STORE;
import static dev.tenon.asm.VectorInstruction.VMOVUPS_STORE;
import static dev.tenon.asm.VectorInstruction.VMULPS;
import static dev.tenon.asm.VectorInstruction.VSUBPS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.kernel.x64.elementwise.MathEmitter;
import dev.tenon.nativecode.NativeFunction;

/**
 * Writes functions for softmax: one for rows of a matrix, and one for scores of attention. Exponentials are scaled by
 * 2<sup>64</sup>, so that none is subnormal; the division by their sum removes the scale.
 */
final class SoftmaxEmitter {
    private static final Gpr LEFT = R10;

    private final VectorEmitter e;
    private final X64Assembler a;
    private final MathEmitter math;

    private SoftmaxEmitter(int bits) {
        e = new VectorEmitter(bits);
        a = e.assembler();
        math = new MathEmitter(e);
    }

    /** The function for rows: arguments are the first row, the first result, the number of rows and their length. */
    static NativeFunction rows(int bits) {
        return KernelCode.of("softmax_f32_" + VectorEmitter.suffix(bits), () -> new SoftmaxEmitter(bits).rows());
    }

    /** The function for scores of attention, see {@link ScoreArgument}. */
    static NativeFunction scores(int bits, boolean softcap) {
        String name = "scores_f32_" + (softcap ? "softcap_" : "") + VectorEmitter.suffix(bits);
        return KernelCode.of(name, () -> new SoftmaxEmitter(bits).scores(softcap));
    }

    private byte[] rows() {
        Label row = new Label();
        e.loadPool();
        VectorRegister x = e.take();
        VectorRegister max = e.take();
        VectorRegister factor = e.take();
        a.bind(row);
        VectorRegister[] maxima = e.takeAccumulators();
        e.load(max, Float.NEGATIVE_INFINITY);
        for (VectorRegister m : maxima) {
            e.move(m, max);
        }
        a.mov(R8, RDI);
        e.reduce(RCX, LEFT, R8, maxima, (m, from, tail) -> {
            if (tail) {
                e.loadTailOver(x, from, max);
            } else {
                e.load(x, from, false);
            }
            // The second operand if the first one is NaN.
            a.emit(VMAXPS, m, x, m);
        });
        e.combine(maxima, VMAXPS);
        e.move(max, maxima[0]);
        e.broadcast(max);
        e.give(maxima);
        a.mov(R8, RDI);
        a.mov(R9, RSI);
        exponentials(RCX, x, max, factor);
        a.mov(R9, RSI);
        scale(RCX, x, factor);
        a.lea(RDI, Address.at(RDI, RCX, Float.BYTES, 0));
        a.lea(RSI, Address.at(RSI, RCX, Float.BYTES, 0));
        a.sub(RDX, 1);
        a.jump(Condition.NOT_EQUAL, row);
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    /** From R8 to R9. Leaves the inverse of the sum of the exponentials, or NaN if an element is NaN or infinite. */
    private void exponentials(Gpr elements, VectorRegister x, VectorRegister max, VectorRegister factor) {
        VectorRegister sum = e.take();
        VectorRegister differences = e.take();
        VectorRegister zero = e.take();
        e.clear(sum);
        e.clear(differences);
        e.clear(zero);
        e.loop(
                elements,
                LEFT,
                tail -> {
                    if (tail) {
                        e.loadTailOver(x, Address.at(R8, 0), max);
                    } else {
                        e.load(x, Address.at(R8, 0), false);
                    }
                    a.emit(VSUBPS, x, x, max);
                    a.emit(VADDPS, differences, differences, x);
                    math.scaledExp(x);
                    e.store(Address.at(R9, 0), x, tail);
                    if (tail) {
                        e.replaceAfterTail(x, zero);
                    }
                    a.emit(VADDPS, sum, sum, x);
                },
                () -> {
                    a.add(R8, e.bytes());
                    a.add(R9, e.bytes());
                });
        e.combineLanes(sum, VADDPS);
        e.combineLanes(differences, VADDPS);
        e.load(factor, 1f);
        a.emit(VDIVPS, factor.as(128), factor.as(128), sum.as(128));
        e.broadcast(factor);
        e.broadcast(differences);
        e.replaceIf(factor, differences, differences, differences, VectorEmitter.UNORDERED);
        e.give(sum, differences, zero);
    }

    /** Multiplies the elements from R9 on. */
    private void scale(Gpr elements, VectorRegister x, VectorRegister factor) {
        e.loop(
                elements,
                LEFT,
                tail -> {
                    e.load(x, Address.at(R9, 0), tail);
                    a.emit(VMULPS, x, x, factor);
                    e.store(Address.at(R9, 0), x, tail);
                },
                () -> a.add(R9, e.bytes()));
    }

    /**
     * RBX: the entry of the row; R12: its scores; R13: rows that are left; RCX: its keys. Each phase goes through all rows,
     * because the chain of dependent instructions of a row is long, and the processor then works on several rows at a time.
     */
    private byte[] scores(boolean softcap) {
        Frame.enter(a);
        e.loadPool();
        VectorRegister x = e.take();
        VectorRegister max = e.take();
        VectorRegister least = e.take();
        VectorRegister factor = e.take();
        e.load(least, Float.NEGATIVE_INFINITY);
        overRows(() -> greatest(x, max, least, softcap));
        overRows(() -> probabilities(x, max, least, factor));
        VectorRegister zero = e.take();
        e.clear(zero);
        overRows(() -> {
            a.emit(VBROADCASTSS, factor, Address.at(RBX, ScoreArgument.FACTOR));
            wholeVectors();
            a.mov(R9, R12);
            scale(RCX, x, factor);
            fillWithZeros(zero);
        });
        Frame.leave(a);
        return e.finish();
    }

    private void overRows(Runnable body) {
        Label row = new Label();
        a.mov(RBX, ScoreArgument.ENTRIES.address());
        a.mov(R12, ScoreArgument.SCORES.address());
        a.mov(R13, ScoreArgument.ROWS.address());
        a.bind(row);
        a.mov(RCX, Address.at(RBX, Long.BYTES));
        body.run();
        a.add(RBX, ScoreArgument.ENTRY_BYTES);
        a.add(R12, ScoreArgument.STEP.address());
        a.sub(R13, 1);
        a.jump(Condition.NOT_EQUAL, row);
    }

    private void greatest(VectorRegister x, VectorRegister max, VectorRegister least, boolean softcap) {
        Label unbiased = new Label();
        Label ready = new Label();
        e.move(max, least);
        a.mov(R9, Address.at(RBX, 0));
        a.test(R9);
        a.jump(Condition.EQUAL, unbiased);
        prepare(x, max, least, softcap, true);
        a.jmp(ready);
        a.bind(unbiased);
        prepare(x, max, least, softcap, false);
        a.bind(ready);
        e.combineLanes(max, VMAXPS);
        a.emit(VMOVD_STORE, Address.at(RBX, ScoreArgument.GREATEST), max.as(128));
    }

    private void probabilities(VectorRegister x, VectorRegister max, VectorRegister least, VectorRegister factor) {
        VectorRegister greatest = e.take();
        VectorRegister zero = e.take();
        a.emit(VBROADCASTSS, greatest, Address.at(RBX, ScoreArgument.GREATEST));
        e.move(max, greatest);
        e.clear(zero);
        e.replaceIf(max, zero, greatest, least, VectorEmitter.EQUAL);
        wholeVectors();
        a.mov(R8, R12);
        a.mov(R9, R12);
        exponentials(RCX, x, max, factor);
        e.replaceIf(factor, zero, greatest, least, VectorEmitter.EQUAL);
        a.emit(VMOVD_STORE, Address.at(RBX, ScoreArgument.FACTOR), factor.as(128));
        e.give(greatest, zero);
    }

    /** Rounds the keys up: elements after the last key are negative infinity, or zero later. */
    private void wholeVectors() {
        a.add(RCX, e.lanes() - 1);
        a.and(RCX, -e.lanes());
    }

    /** Scales scores, adds the bias in R9, and finds the greatest. Keys whose bias is negative infinity do not count. */
    private void prepare(VectorRegister x, VectorRegister max, VectorRegister least, boolean softcap, boolean biased) {
        VectorRegister scale = e.take();
        VectorRegister cap = e.take();
        VectorRegister bias = e.take();
        a.emit(VBROADCASTSS, scale, ScoreArgument.SCALE.address());
        a.emit(VBROADCASTSS, cap, ScoreArgument.SOFTCAP.address());
        a.mov(R8, R12);
        e.loop(
                RCX,
                LEFT,
                tail -> {
                    e.load(x, Address.at(R8, 0), false);
                    a.emit(VMULPS, x, x, scale);
                    if (softcap) {
                        a.emit(VDIVPS, x, x, cap);
                        math.tanh(x);
                        a.emit(VMULPS, x, x, cap);
                    }
                    if (biased) {
                        e.load(bias, Address.at(R9, 0), tail);
                        a.emit(VADDPS, x, x, bias);
                        e.replaceIf(x, least, bias, least, VectorEmitter.EQUAL);
                    }
                    if (tail) {
                        e.replaceAfterTail(x, least);
                    }
                    a.emit(VMOVUPS_STORE, Address.at(R8, 0), x);
                    a.emit(VMAXPS, max, x, max);
                },
                () -> {
                    a.add(R8, e.bytes());
                    a.add(R9, e.bytes());
                });
        e.give(scale, cap, bias);
    }

    /** Fills the row up to its columns, which are whole vectors, from element RCX on. */
    private void fillWithZeros(VectorRegister zero) {
        Label turn = new Label();
        Label end = new Label();
        a.mov(R8, ScoreArgument.COLUMNS.address());
        a.bind(turn);
        a.cmp(RCX, R8);
        a.jump(Condition.GREATER_EQUAL, end);
        a.emit(VMOVUPS_STORE, Address.at(R12, RCX, Float.BYTES, 0), zero);
        a.add(RCX, e.lanes());
        a.jmp(turn);
        a.bind(end);
    }
}
