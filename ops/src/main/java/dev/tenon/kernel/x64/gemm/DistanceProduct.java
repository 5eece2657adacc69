package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.util.Set;

/**
 * Squared distances of float32: a step adds the square of the difference of two numbers. Products of the vectors and of
 * themselves would be fewer instructions, but have no correct digits for vectors that are near to each other and far from zero.
 *
 * @param floats the instruction set and the loads
 */
record DistanceProduct(FloatProduct floats) implements TileProduct {
    @Override
    public String operands() {
        return "distance_f32";
    }

    @Override
    public String suffix() {
        return floats.suffix();
    }

    @Override
    public int bits() {
        return floats.bits();
    }

    @Override
    public Set<InstructionSet> needs() {
        return floats.needs();
    }

    @Override
    public int temporaries() {
        return 1;
    }

    @Override
    public void loadA(X64Assembler a, VectorRegister to, Address from, VectorRegister[] own) {
        floats.loadA(a, to, from, own);
    }

    @Override
    public void multiply(
            X64Assembler a, VectorRegister sums, VectorRegister left, VectorRegister right, VectorRegister[] own) {
        a.emit(VectorInstruction.VSUBPS, own[0], left, right);
        a.emit(VectorInstruction.VFMADD231PS, sums, own[0], own[0]);
    }
}
