package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.Address;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.util.Set;

/**
 * How a tile loads four bytes of A, and multiplies them with a vector of B. Four bytes hold one float32, or two BF16 numbers,
 * or four bytes: a step of the sum. Stateless.
 */
interface TileProduct {
    /** The part of a function's name that stands for the operands. */
    String operands();

    /** The part of a function's name that stands for the instruction set. */
    String suffix();

    /** The width of the vectors, bits. */
    int bits();

    /** The instruction sets that the code needs. */
    Set<InstructionSet> needs();

    /** The number of vectors that hold constants during the whole function. */
    default int constants() {
        return 0;
    }

    /** The number of vectors that hold products before they are added. */
    default int temporaries() {
        return 0;
    }

    /** Loads the constants. Its own registers are those of the constants, and then the temporary ones. */
    default void loadConstants(X64Assembler a, VectorRegister[] own, Gpr temporary) {}

    /** The bytes in memory of the numbers that a vector of B holds. */
    default int rightBytes() {
        return bits() / Byte.SIZE;
    }

    /** Loads a vector of B. */
    default void loadB(X64Assembler a, VectorRegister to, Address from) {
        a.emit(VectorInstruction.VMOVUPS, to, from);
    }

    /** Loads four bytes of A for all columns. */
    void loadA(X64Assembler a, VectorRegister to, Address from, VectorRegister[] own);

    /** Adds the products of a step to the sums. */
    void multiply(X64Assembler a, VectorRegister sums, VectorRegister left, VectorRegister right, VectorRegister[] own);
}
