package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.VectorEmitter;
import java.util.Set;

/**
 * Products of bytes by {@code vpmaddubsw}, which adds two products of unsigned with signed bytes to 16 bits, and {@code
 * vpmaddwd}, which adds two of these sums to an int32. The first sum saturates, so weights are those of which {@link
 * ByteArithmetic#pairsFit} is true. A step is four terms. Signed bytes of A become unsigned ones by adding 128, so the caller
 * adds 128 to their zero points.
 *
 * @param bits 256 or 512
 * @param signedA whether A holds signed bytes
 */
record PairProduct(int bits, boolean signedA) implements TileProduct {
    private static final long ONES = 0x0001_0001L;
    private static final long SIGNS = 0x8080_8080L;
    private static final int SIGN_CONSTANT = 1;

    @Override
    public String operands() {
        return signedA ? "s8s8" : "u8s8";
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
    public int constants() {
        return signedA ? 2 : 1;
    }

    @Override
    public int temporaries() {
        return 1;
    }

    @Override
    public void loadConstants(X64Assembler a, VectorRegister[] own, Gpr temporary) {
        broadcast(a, own[0], ONES, temporary);
        if (signedA) {
            broadcast(a, own[SIGN_CONSTANT], SIGNS, temporary);
        }
    }

    private static void broadcast(X64Assembler a, VectorRegister to, long value, Gpr temporary) {
        a.mov(temporary, value);
        a.emit(VectorInstruction.VMOVD, to.as(128), temporary);
        a.emit(VectorInstruction.VPBROADCASTD, to, to.as(128));
    }

    @Override
    public void loadA(X64Assembler a, VectorRegister to, Address from, VectorRegister[] own) {
        a.emit(VectorInstruction.VPBROADCASTD, to, from);
        if (signedA) {
            a.emit(bits == 512 ? VectorInstruction.VPXORD : VectorInstruction.VPXOR, to, to, own[SIGN_CONSTANT]);
        }
    }

    @Override
    public void multiply(
            X64Assembler a, VectorRegister sums, VectorRegister left, VectorRegister right, VectorRegister[] own) {
        VectorRegister products = own[constants()];
        a.emit(VectorInstruction.VPMADDUBSW, products, left, right);
        a.emit(VectorInstruction.VPMADDWD, products, products, own[0]);
        a.emit(VectorInstruction.VPADDD, sums, sums, products);
    }
}
