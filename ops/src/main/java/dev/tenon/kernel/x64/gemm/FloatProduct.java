package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.tensor.DType;
import java.util.EnumSet;
import java.util.Set;

/**
 * Products of float32 by fused multiply-adds. A step is one term. Numbers of 16 bits in the panels of B are widened when they
 * are loaded, which is exact: sums have the bits of those with panels of float32.
 *
 * @param bits 256 or 512
 * @param panels the element type in the panels: float32, float16 or bfloat16
 */
record FloatProduct(int bits, DType panels) implements TileProduct {
    /** Panels of float32. */
    FloatProduct(int bits) {
        this(bits, DType.FLOAT32);
    }

    @Override
    public String operands() {
        return panels == DType.FLOAT32 ? "f32" : "f32" + panels.text();
    }

    @Override
    public int rightBytes() {
        return (int) panels.byteSize(bits / Float.SIZE);
    }

    @Override
    public void loadB(X64Assembler a, VectorRegister to, Address from) {
        switch (panels) {
            case FLOAT16 -> a.emit(VectorInstruction.VCVTPH2PS, to, from);
            case BFLOAT16 -> {
                a.emit(VectorInstruction.VPMOVZXWD, to, from);
                a.emit(VectorInstruction.VPSLLD, to, to, Short.SIZE);
            }
            default -> a.emit(VectorInstruction.VMOVUPS, to, from);
        }
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
