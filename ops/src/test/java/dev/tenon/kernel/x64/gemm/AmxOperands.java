package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.util.Set;

/** The operands of a product in tile registers, for cases and their model. There is no code for vectors. */
record AmxOperands(AmxProduct amx) implements TileProduct {
    @Override
    public String operands() {
        return amx.operands();
    }

    @Override
    public String suffix() {
        return "amx";
    }

    @Override
    public int bits() {
        return 512;
    }

    @Override
    public Set<InstructionSet> needs() {
        return amx.needs();
    }

    @Override
    public void loadA(X64Assembler a, VectorRegister to, Address from, VectorRegister[] own) {
        throw new UnsupportedOperationException("tile registers load rows");
    }

    @Override
    public void multiply(
            X64Assembler a, VectorRegister sums, VectorRegister left, VectorRegister right, VectorRegister[] own) {
        throw new UnsupportedOperationException("tile registers multiply rows");
    }
}
