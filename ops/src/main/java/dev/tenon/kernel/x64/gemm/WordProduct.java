package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.VectorEmitter;
import java.util.Set;

/**
 * Products of bytes that both operands hold as int16, by {@code vpmaddwd}, which adds two of them to an int32. A step is two
 * terms.
 *
 * @param bits 256 or 512
 * @param signedA whether A held signed bytes; only names differ
 */
record WordProduct(int bits, boolean signedA) implements TileProduct {
    @Override
    public String operands() {
        return (signedA ? "s8s8" : "u8s8") + "_words";
    }

    @Override
    public String suffix() {
        return VectorEmitter.suffix(bits);
    }

    @Override
    public Set<InstructionSet> needs() {
        return VectorEmitter.needs(bits);
    }

    @Override
    public int temporaries() {
        return 1;
    }

    @Override
    public void loadA(X64Assembler a, VectorRegister to, Address from, VectorRegister[] own) {
        a.emit(VectorInstruction.VPBROADCASTD, to, from);
    }

    @Override
    public void multiply(
            X64Assembler a, VectorRegister sums, VectorRegister left, VectorRegister right, VectorRegister[] own) {
        a.emit(VectorInstruction.VPMADDWD, own[0], left, right);
        a.emit(VectorInstruction.VPADDD, sums, sums, own[0]);
    }
}
