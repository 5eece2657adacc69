package dev.tenon.kernel.x64.elementwise;

import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.kernel.x64.VectorEmitter;

/** The functions of two numbers that have machine code. */
public enum BinaryCode {
    /** The sum. */
    ADD(VectorInstruction.VADDPS, null),
    /** The difference. */
    SUB(VectorInstruction.VSUBPS, null),
    /** The product. */
    MUL(VectorInstruction.VMULPS, null),
    /** The quotient. */
    DIV(VectorInstruction.VDIVPS, null),
    /** The smaller one; NaN if one is NaN; -0 is smaller than 0. */
    MIN(VectorInstruction.VMINPS, VectorInstruction.VORPS),
    /** The greater one; NaN if one is NaN; 0 is greater than -0. */
    MAX(VectorInstruction.VMAXPS, VectorInstruction.VANDPS);

    private final VectorInstruction instruction;

    /** For an extreme, the instruction that makes the result of two zeros; null for others. */
    private final VectorInstruction ofZeros;

    BinaryCode(VectorInstruction instruction, VectorInstruction ofZeros) {
        this.instruction = instruction;
        this.ofZeros = ofZeros;
    }

    /**
     * Writes the code for one vector.
     *
     * @param e the emitter of the loop
     * @param result the result, which may be the register of an operand
     * @param x the first operand
     * @param y the second operand
     */
    void emit(VectorEmitter e, VectorRegister result, VectorRegister x, VectorRegister y) {
        if (ofZeros == null) {
            e.assembler().emit(instruction, result, x, y);
        } else {
            extreme(e, result, x, y);
        }
    }

    /** The instruction gives its last operand if both are zeros, or if one is NaN. */
    private void extreme(VectorEmitter e, VectorRegister result, VectorRegister x, VectorRegister y) {
        VectorRegister other = e.take();
        e.assembler().emit(instruction, result, x, y);
        e.assembler().emit(instruction, other, y, x);
        e.assembler().emit(ofZeros, result, result, other);
        e.assembler().emit(VectorInstruction.VADDPS, other, x, y);
        e.replaceIf(result, other, x, y, VectorEmitter.UNORDERED);
        e.give(other);
    }
}
