package dev.tenon.kernel.x64.byteconv;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.ArgumentSlot;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.VectorEmitter;

/**
 * Writes a function that adds two arrays of bytes, each times a factor, and a number, and rounds the sums to bytes: as many at
 * a time as a vector has bytes.
 *
 * @param bits the width of vectors, 256 or 512
 * @param signed whether the bytes are signed
 */
record SumEmitter(int bits, boolean signed) {
    /** The arguments of the function. */
    enum Argument implements ArgumentSlot {
        A,
        B,
        Y,
        /** Vectors of bytes. */
        TURNS,
        FACTOR_A,
        FACTOR_B,
        FIXED,
        /** The largest sum that is converted to an integer. */
        LARGEST;
    }

    /** The order of packed bytes. */
    static final int ORDER_OFFSET = 128;

    /** The size of a block of arguments. */
    static final int BYTES = ORDER_OFFSET + 64;

    String id() {
        return "sum_" + (signed ? "s8_" : "u8_") + (bits == 512 ? "avx512" : "avx2");
    }

    byte[] emit() {
        X64Assembler a = new X64Assembler(VectorEmitter.needs(bits));
        VectorRegister[] sums = VectorRegister.range(0, RoundedBytes.VECTORS, bits);
        VectorRegister other = VectorRegister.of(4, bits);
        VectorRegister[] constants = VectorRegister.range(5, 4, bits);
        VectorRegister order = VectorRegister.of(9, bits);
        Registers registers = new Registers();
        Gpr left = registers.take();
        Gpr right = registers.take();
        Gpr result = registers.take();
        Gpr count = registers.take();
        Frame.enter(a);
        a.mov(left, Argument.A.address());
        a.mov(right, Argument.B.address());
        a.mov(result, Argument.Y.address());
        a.mov(count, Argument.TURNS.address());
        Argument[] numbers = {Argument.FACTOR_A, Argument.FACTOR_B, Argument.FIXED, Argument.LARGEST};
        for (int i = 0; i < numbers.length; i++) {
            a.emit(VectorInstruction.VBROADCASTSS, constants[i], numbers[i].address());
        }
        a.emit(VectorInstruction.VMOVUPS, order, Address.at(Frame.BLOCK, ORDER_OFFSET));
        Label turn = new Label();
        a.align();
        a.bind(turn);
        for (int v = 0; v < RoundedBytes.VECTORS; v++) {
            int at = v * bits / Integer.SIZE;
            RoundedBytes.load(a, sums[v], Address.at(left, at), signed);
            RoundedBytes.load(a, other, Address.at(right, at), signed);
            a.emit(VectorInstruction.VCVTDQ2PS, sums[v], sums[v]);
            a.emit(VectorInstruction.VCVTDQ2PS, other, other);
            a.emit(VectorInstruction.VMULPS, sums[v], sums[v], constants[0]);
            a.emit(VectorInstruction.VMULPS, other, other, constants[1]);
            a.emit(VectorInstruction.VADDPS, other, other, constants[2]);
            a.emit(VectorInstruction.VADDPS, sums[v], sums[v], other);
        }
        RoundedBytes.round(a, sums, constants[3], order, signed);
        a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(result, 0), sums[0]);
        for (Gpr pointer : new Gpr[] {left, right, result}) {
            a.add(pointer, bits / Byte.SIZE);
        }
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        Frame.leave(a);
        return a.toBytes();
    }
}
