package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import java.util.EnumSet;
import java.util.Set;

/**
 * Products of tile registers. Source: Intel, Architecture Instruction Set Extensions Programming Reference, chapter Intel AMX.
 * For each row of A, each four bytes of it and each column of B, an instruction adds the products of four bytes, or of two
 * BF16 numbers.
 */
enum AmxProduct {
    /** Unsigned with signed bytes. */
    U8S8("u8s8", VectorInstruction.TDPBUSD, VectorInstruction.VPADDD, InstructionSet.AMX_INT8),
    /** Signed with signed bytes. */
    S8S8("s8s8", VectorInstruction.TDPBSSD, VectorInstruction.VPADDD, InstructionSet.AMX_INT8),
    /**
     * BF16 numbers. An instruction forms two sums of a row and a column from zero, one of the even and one of the odd terms of
     * its 32, each by fused multiply-adds; adds the two, and then their sum to what it has. It rounds to nearest, ties to
     * even, whatever the mode of the processor, and takes denormal numbers for zero.
     */
    BF16("bf16", VectorInstruction.TDPBF16PS, VectorInstruction.VADDPS, InstructionSet.AMX_BF16);

    private final String operands;
    private final VectorInstruction multiply;
    private final VectorInstruction add;
    private final InstructionSet set;

    AmxProduct(String operands, VectorInstruction multiply, VectorInstruction add, InstructionSet set) {
        this.operands = operands;
        this.multiply = multiply;
        this.add = add;
        this.set = set;
    }

    /** The part of a function's name that stands for the operands. */
    String operands() {
        return operands;
    }

    /** The instruction: the sums, A, B. */
    VectorInstruction multiply() {
        return multiply;
    }

    /** The instruction that adds two vectors of sums. */
    VectorInstruction add() {
        return add;
    }

    /** The instruction sets that the code needs. */
    Set<InstructionSet> needs() {
        return EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512, set);
    }
}
