package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.util.EnumSet;
import java.util.Set;

/**
 * Products of float32 by fused multiply-adds. A step is one term.
 *
 * @param bits 256 or 512
 */
record FloatProduct(int bits) implements TileProduct {
    @Override
    public String operands() {
        return "f32";
    }

    @Override
    public String suffix() {
        return bits == 512 ? "avx512" : "avx2";
    }

    @Override
    public Set<InstructionSet> needs() {
        return bits == 512 ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512) : EnumSet.of(InstructionSet.AVX2);
    }

    @Override
    public void loadA(X64Assembler a, VectorRegister to, Address from, VectorRegister[] own) {
        a.emit(VectorInstruction.VBROADCASTSS, to, from);
    }

    @Override
    public void multiply(
            X64Assembler a, VectorRegister sums, VectorRegister left, VectorRegister right, VectorRegister[] own) {
        a.emit(VectorInstruction.VFMADD231PS, sums, left, right);
    }
}
