package dev.tenon.kernel.x64.norm;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R12;
import static dev.tenon.asm.Gpr.R13;
import static dev.tenon.asm.Gpr.R14;
import static dev.tenon.asm.Gpr.R15;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RBX;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;
import static dev.tenon.asm.VectorInstruction.VADDPS;
import static dev.tenon.asm.VectorInstruction.VBROADCASTSS;
import static dev.tenon.asm.VectorInstruction.VDIVPS;
import static dev.tenon.asm.VectorInstruction.VFMADD213PS;
import static dev.tenon.asm.VectorInstruction.VFMADD231PS;
import static dev.tenon.asm.VectorInstruction.VMOVD_STORE;
import static dev.tenon.asm.VectorInstruction.VMULPS;
import static dev.tenon.asm.VectorInstruction.VSQRTPS;
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
import dev.tenon.nativecode.NativeFunction;

/**
 * Writes the function that adds the terms of rows and normalises the sums. The first row has an entry of addresses: the
 * result, the sum, the mean and the inverse deviation (0 if they are not wanted), and the terms. As many steps follow, bytes
 * from an address to that of the next row; the function moves the entry on. If there is one term, it is normalised where it
 * is. The order of a sum depends on the length of a row and the instruction set alone.
 */
final class NormEmitter {
    /** The addresses of an entry before those of the terms. */
    static final int FIXED = 4;

    private static final int SUM = Long.BYTES;
    private static final int MEAN = 2 * Long.BYTES;
    private static final int INVERSE = 3 * Long.BYTES;
    private static final int FIRST_TERM = FIXED * Long.BYTES;

    private static final Gpr ENTRY = RBX;
    private static final Gpr LENGTH = RSI;
    private static final Gpr LEFT = R10;
    private static final Gpr ROW = R13;
    private static final Gpr ROWS_LEFT = R15;

    private final VectorEmitter e;
    private final X64Assembler a;

    private NormEmitter(int bits) {
        e = new VectorEmitter(bits);
        a = e.assembler();
    }

    /** The function for vectors of some bits. */
    static NativeFunction function(int bits) {
        return KernelCode.of("norm_f32_" + VectorEmitter.suffix(bits), () -> new NormEmitter(bits).emit());
    }

    private byte[] emit() {
        Frame.enter(a);
        e.loadPool();
        a.mov(ENTRY, NormArgument.ENTRY.address());
        a.mov(ROWS_LEFT, NormArgument.ROWS.address());
        a.mov(LENGTH, NormArgument.LENGTH.address());
        Label row = new Label();
        a.bind(row);
        addTerms();
        VectorRegister mean = e.take();
        VectorRegister inverse = e.take();
        statistics(mean, inverse);
        storeIfWanted(MEAN, mean);
        storeIfWanted(INVERSE, inverse);
        write(mean, inverse);
        moveOn();
        a.sub(ROWS_LEFT, 1);
        a.jump(Condition.NOT_EQUAL, row);
        Frame.leave(a);
        return e.finish();
    }

    /** Adds the steps to the addresses of the entry. */
    private void moveOn() {
        Label more = new Label();
        a.mov(R14, NormArgument.TERMS.address());
        a.add(R14, FIXED);
        a.lea(R12, Address.at(ENTRY, R14, Long.BYTES, 0));
        a.mov(R9, ENTRY);
        a.bind(more);
        a.mov(R8, Address.at(R9, 0));
        a.add(R8, Address.at(R12, 0));
        a.store(Address.at(R9, 0), R8);
        a.add(R9, Long.BYTES);
        a.add(R12, Long.BYTES);
        a.sub(R14, 1);
        a.jump(Condition.NOT_EQUAL, more);
    }

    /** Leaves the address of the elements to normalise in ROW. */
    private void addTerms() {
        Label added = new Label();
        Label more = new Label();
        a.mov(ROW, Address.at(ENTRY, FIRST_TERM));
        a.mov(R14, NormArgument.TERMS.address());
        a.lea(R12, Address.at(ENTRY, FIRST_TERM));
        a.sub(R14, 1);
        a.jump(Condition.EQUAL, added);
        a.bind(more);
        a.add(R12, Long.BYTES);
        a.mov(R8, ROW);
        a.mov(R9, Address.at(R12, 0));
        a.mov(ROW, Address.at(ENTRY, SUM));
        a.mov(RDX, ROW);
        VectorRegister x = e.take();
        VectorRegister y = e.take();
        e.loop(
                LENGTH,
                LEFT,
                tail -> {
                    e.load(x, Address.at(R8, 0), tail);
                    e.load(y, Address.at(R9, 0), tail);
                    a.emit(VADDPS, x, x, y);
                    e.store(Address.at(RDX, 0), x, tail);
                },
                () -> {
                    a.add(R8, e.bytes());
                    a.add(R9, e.bytes());
                    a.add(RDX, e.bytes());
                });
        e.give(x, y);
        a.sub(R14, 1);
        a.jump(Condition.NOT_EQUAL, more);
        a.bind(added);
    }

    private void statistics(VectorRegister mean, VectorRegister inverse) {
        VectorRegister[] sums = e.takeAccumulators();
        VectorRegister x = e.take();
        Label centred = new Label();
        e.clear(mean);
        NormArgument.CENTRES.jumpIfZero(a, RCX, centred);
        clear(sums);
        a.mov(R8, ROW);
        e.reduce(LENGTH, LEFT, R8, sums, (sum, from, tail) -> {
            e.load(x, from, tail);
            a.emit(VADDPS, sum, sum, x);
        });
        e.combine(sums, VADDPS);
        a.emit(VBROADCASTSS, x, NormArgument.COUNT.address());
        a.emit(VDIVPS, mean.as(128), sums[0].as(128), x.as(128));
        e.broadcast(mean);
        a.bind(centred);
        clear(sums);
        a.mov(R8, ROW);
        e.reduce(LENGTH, LEFT, R8, sums, (sum, from, tail) -> {
            if (tail) {
                e.loadTailOver(x, from, mean);
            } else {
                e.load(x, from, false);
            }
            a.emit(VSUBPS, x, x, mean);
            a.emit(VFMADD231PS, sum, x, x);
        });
        e.combine(sums, VADDPS);
        VectorRegister low = inverse.as(128);
        a.emit(VBROADCASTSS, x.as(128), NormArgument.COUNT.address());
        a.emit(VDIVPS, low, sums[0].as(128), x.as(128));
        a.emit(VBROADCASTSS, x.as(128), NormArgument.EPSILON.address());
        a.emit(VADDPS, low, low, x.as(128));
        a.emit(VSQRTPS, low, low);
        e.load(x, 1f);
        a.emit(VDIVPS, low, x.as(128), low);
        e.broadcast(inverse);
        e.give(x);
        e.give(sums);
    }

    private void clear(VectorRegister... registers) {
        for (VectorRegister register : registers) {
            e.clear(register);
        }
    }

    private void storeIfWanted(int entry, VectorRegister value) {
        Label end = new Label();
        a.mov(RCX, Address.at(ENTRY, entry));
        a.test(RCX);
        a.jump(Condition.EQUAL, end);
        a.emit(VMOVD_STORE, Address.at(RCX, 0), value.as(128));
        a.bind(end);
    }

    private void write(VectorRegister mean, VectorRegister inverse) {
        Label plain = new Label();
        Label end = new Label();
        a.mov(RDX, Address.at(ENTRY, 0));
        a.mov(R8, NormArgument.SCALE.address());
        NormArgument.BIAS.jumpIfZero(a, R9, plain);
        write(mean, inverse, true);
        a.jmp(end);
        a.bind(plain);
        write(mean, inverse, false);
        a.bind(end);
        e.give(mean, inverse);
    }

    private void write(VectorRegister mean, VectorRegister inverse, boolean biased) {
        VectorRegister x = e.take();
        VectorRegister scale = e.take();
        VectorRegister bias = e.take();
        e.loop(
                LENGTH,
                LEFT,
                tail -> {
                    e.load(x, Address.at(ROW, 0), tail);
                    e.load(scale, Address.at(R8, 0), tail);
                    a.emit(VSUBPS, x, x, mean);
                    a.emit(VMULPS, x, x, inverse);
                    if (biased) {
                        e.load(bias, Address.at(R9, 0), tail);
                        a.emit(VFMADD213PS, x, scale, bias);
                    } else {
                        a.emit(VMULPS, x, x, scale);
                    }
                    e.store(Address.at(RDX, 0), x, tail);
                },
                () -> {
                    a.add(ROW, e.bytes());
                    a.add(R8, e.bytes());
                    a.add(R9, e.bytes());
                    a.add(RDX, e.bytes());
                });
        e.give(x, scale, bias);
    }
}
