package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.util.EnumSet;
import java.util.Set;

/**
 * Products of bytes by {@code vpdpbusd}, which adds four products of unsigned with signed bytes to an int32. A step is four
 * terms. Signed bytes of A become unsigned ones by adding 128, so the caller adds 128 to their zero points.
 *
 * @param bits 256 with AVX-VNNI, 512 with AVX512-VNNI
 * @param signedA whether A holds signed bytes
 */
record ByteProduct(int bits, boolean signedA) implements TileProduct {
    private static final long SIGNS = 0x8080_8080L;

    @Override
    public String operands() {
        return signedA ? "s8s8" : "u8s8";
    }

    @Override
    public String suffix() {
        return bits == 512 ? "avx512vnni" : "avxvnni";
    }

    @Override
    public Set<InstructionSet> needs() {
        return bits == 512
                ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_VNNI)
                : EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX_VNNI);
    }

    @Override
    public int constants() {
        return signedA ? 1 : 0;
    }

    @Override
    public void loadConstants(X64Assembler a, VectorRegister[] own, Gpr temporary) {
        if (signedA) {
            a.mov(temporary, SIGNS);
            a.emit(VectorInstruction.VMOVD, own[0].as(128), temporary);
            a.emit(VectorInstruction.VPBROADCASTD, own[0], own[0].as(128));
        }
    }

    @Override
    public void loadA(X64Assembler a, VectorRegister to, Address from, VectorRegister[] own) {
        if (signedA && bits == 512) {
            a.emit(VectorInstruction.VPXORD, to, own[0], from.broadcasting());
            return;
        }
        a.emit(VectorInstruction.VPBROADCASTD, to, from);
        if (signedA) {
            a.emit(VectorInstruction.VPXOR, to, to, own[0]);
        }
    }

    @Override
    public void multiply(
            X64Assembler a, VectorRegister sums, VectorRegister left, VectorRegister right, VectorRegister[] own) {
        a.emit(bits == 512 ? VectorInstruction.VPDPBUSD : VectorInstruction.VPDPBUSD_VEX, sums, left, right);
    }
}
