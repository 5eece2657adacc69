package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.util.EnumSet;
import java.util.Set;

/**
 * Products of BF16 numbers by {@code vdpbf16ps}, which adds two products to a float32. A step is two terms. The instruction
 * rounds to nearest, ties to even, whatever the mode of the processor, and takes denormal numbers for zero.
 */
record BFloat16Product() implements TileProduct {
    @Override
    public String operands() {
        return "bf16";
    }

    @Override
    public String suffix() {
        return "avx512bf16";
    }

    @Override
    public int bits() {
        return 512;
    }

    @Override
    public Set<InstructionSet> needs() {
        return EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_BF16);
    }

    @Override
    public void loadA(X64Assembler a, VectorRegister to, Address from, VectorRegister[] own) {
        a.emit(VectorInstruction.VPBROADCASTD, to, from);
    }

    @Override
    public void multiply(
            X64Assembler a, VectorRegister sums, VectorRegister left, VectorRegister right, VectorRegister[] own) {
        a.emit(VectorInstruction.VDPBF16PS, sums, left, right);
    }
}
