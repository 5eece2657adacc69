package dev.tenon.kernel.x64.attention;

import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;
import static dev.tenon.asm.VectorInstruction.VADDPS;
import static dev.tenon.asm.VectorInstruction.VBROADCASTSS;
import static dev.tenon.asm.VectorInstruction.VFMADD231PS;
import static dev.tenon.asm.VectorInstruction.VMAXPS;
import static dev.tenon.asm.VectorInstruction.VMOVD_STORE;
import static dev.tenon.asm.VectorInstruction.VMOVUPS;
import static dev.tenon.asm.VectorInstruction.VMOVUPS_STORE;
import static dev.tenon.asm.VectorInstruction.VMULPS;
import static dev.tenon.asm.VectorInstruction.VSUBPS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.kernel.x64.elementwise.MathEmitter;
import dev.tenon.nativecode.NativeFunction;

/**
 * Writes the functions that join the segments of a row of queries: one makes weights of the scores of a segment, one adds the sums of
 * its values to the result. Between them the row has a state, whose fields are float32 numbers at the offsets below.
 */
final class PagedSoftmaxEmitter {
    /** The greatest score so far. */
    static final int MAX = 0;

    /** The sum of the weights so far. */
    static final int SUM = 4;

    /** The factor of the segments before. */
    static final int BEFORE = 8;

    /** The factor of the segment. */
    static final int OWN = 12;

    /** The factor of the result: 1, and the inverse of the sum for the last segment. */
    static final int INVERSE = 16;

    /** The greatest score before the first segment. A difference from it is never NaN. */
    static final float NO_MAX = -Float.MAX_VALUE;

    private static final float INVERSE_SCALE = 0x1p-64f;

    private final VectorEmitter e;
    private final X64Assembler a;
    private final MathEmitter math;

    private PagedSoftmaxEmitter(int bits) {
        e = new VectorEmitter(bits);
        a = e.assembler();
        math = new MathEmitter(e);
    }

    /**
     * The function that bounds scores by tanh. Arguments are the first score, divided by the bound, the number of vectors, at least 1,
     * and the address of the bound.
     *
     * @param bits the width of vectors: 256 or 512
     */
    static NativeFunction softcap(int bits) {
        return KernelCode.of(
                "paged_softcap_" + VectorEmitter.suffix(bits), () -> new PagedSoftmaxEmitter(bits).softcap());
    }

    /**
     * The function that makes weights. Arguments are the first score, the number of vectors, at least 1, and the state. Scores of
     * negative infinity have the weight 0. The sum becomes NaN if a score is NaN or infinity.
     *
     * @param bits the width of vectors: 256 or 512
     */
    static NativeFunction weights(int bits) {
        return KernelCode.of(
                "paged_softmax_" + VectorEmitter.suffix(bits), () -> new PagedSoftmaxEmitter(bits).weights());
    }

    /**
     * The function that adds to the result. Arguments are the row of the result, the sums, which become 0, the number of their vectors,
     * at least 1, the state, and whether there is a result of segments before.
     *
     * @param bits the width of vectors: 256 or 512
     */
    static NativeFunction results(int bits) {
        return KernelCode.of(
                "paged_results_" + VectorEmitter.suffix(bits), () -> new PagedSoftmaxEmitter(bits).results());
    }

    private byte[] softcap() {
        e.loadPool();
        VectorRegister x = e.take();
        VectorRegister cap = e.take();
        a.emit(VBROADCASTSS, cap, Address.at(RDX, 0));
        loop(() -> {
            a.emit(VMOVUPS, x, Address.at(R8, 0));
            math.tanh(x);
            a.emit(VMULPS, x, x, cap);
            a.emit(VMOVUPS_STORE, Address.at(R8, 0), x);
        });
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    private byte[] weights() {
        e.loadPool();
        VectorRegister x = e.take();
        VectorRegister max = e.take();
        VectorRegister sum = e.take();
        VectorRegister differences = e.take();
        VectorRegister next = e.take();
        e.load(max, NO_MAX);
        loop(() -> {
            a.emit(VMOVUPS, x, Address.at(R8, 0));
            // The second operand if the first one is NaN.
            a.emit(VMAXPS, max, x, max);
        });
        e.combineLanes(max, VMAXPS);
        e.broadcast(max);
        e.clear(sum);
        e.clear(differences);
        loop(() -> {
            a.emit(VMOVUPS, x, Address.at(R8, 0));
            a.emit(VSUBPS, x, x, max);
            a.emit(VADDPS, differences, differences, x);
            exp(x);
            a.emit(VMOVUPS_STORE, Address.at(R8, 0), x);
            a.emit(VADDPS, sum, sum, x);
        });
        e.combineLanes(sum, VADDPS);
        e.combineLanes(differences, VADDPS);
        e.replaceIf(sum, differences, differences, differences, VectorEmitter.UNORDERED);
        join(max, sum, x, next, differences);
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    /** Joins the maximum and the sum of the segment, in the first lane, with those before. */
    private void join(
            VectorRegister max, VectorRegister sum, VectorRegister before, VectorRegister next, VectorRegister total) {
        a.emit(VBROADCASTSS, before, Address.at(RDX, MAX));
        a.emit(VBROADCASTSS, total, Address.at(RDX, SUM));
        a.emit(VMAXPS, next, max, before);
        a.emit(VMOVD_STORE, Address.at(RDX, MAX), next.as(128));
        a.emit(VSUBPS, before, before, next);
        a.emit(VSUBPS, max, max, next);
        exp(before);
        exp(max);
        a.emit(VMOVD_STORE, Address.at(RDX, BEFORE), before.as(128));
        a.emit(VMOVD_STORE, Address.at(RDX, OWN), max.as(128));
        a.emit(VMULPS, total, total, before);
        a.emit(VFMADD231PS, total, sum, max);
        a.emit(VMOVD_STORE, Address.at(RDX, SUM), total.as(128));
    }

    /** The exponential function of a number of at most 0. What is below float32 numbers becomes 0. */
    private void exp(VectorRegister x) {
        math.scaledExp(x);
        a.emit(VMULPS, x, x, e.constant(INVERSE_SCALE));
    }

    private void loop(Runnable body) {
        Label turn = new Label();
        a.mov(R8, RDI);
        a.mov(R9, RSI);
        a.align();
        a.bind(turn);
        body.run();
        a.add(R8, e.bytes());
        a.sub(R9, 1);
        a.jump(Condition.NOT_EQUAL, turn);
    }

    private byte[] results() {
        Label first = new Label();
        Label turn = new Label();
        VectorRegister x = e.take();
        VectorRegister own = e.take();
        VectorRegister before = e.take();
        VectorRegister inverse = e.take();
        VectorRegister zero = e.take();
        e.clear(zero);
        a.emit(VBROADCASTSS, before, Address.at(RCX, BEFORE));
        a.emit(VBROADCASTSS, own, Address.at(RCX, OWN));
        a.emit(VBROADCASTSS, inverse, Address.at(RCX, INVERSE));
        a.bind(turn);
        a.emit(VMULPS, x, own, Address.at(RSI, 0));
        a.emit(VMOVUPS_STORE, Address.at(RSI, 0), zero);
        a.test(R8);
        a.jump(Condition.EQUAL, first);
        a.emit(VFMADD231PS, x, before, Address.at(RDI, 0));
        a.bind(first);
        a.emit(VMULPS, x, x, inverse);
        a.emit(VMOVUPS_STORE, Address.at(RDI, 0), x);
        a.add(RDI, e.bytes());
        a.add(RSI, e.bytes());
        a.sub(RDX, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.vzeroupper();
        a.ret();
        return e.finish();
    }
}
