package dev.tenon.kernel.x64.elementwise;

import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.kernel.x64.VectorEmitter;

/** The functions of two numbers that have machine code. */
public enum BinaryCode {
    /** The sum. */
    ADD((e, r, x, y) -> e.assembler().emit(VectorInstruction.VADDPS, r, x, y)),
    /** The difference. */
    SUB((e, r, x, y) -> e.assembler().emit(VectorInstruction.VSUBPS, r, x, y)),
    /** The product. */
    MUL((e, r, x, y) -> e.assembler().emit(VectorInstruction.VMULPS, r, x, y)),
    /** The quotient. */
    DIV((e, r, x, y) -> e.assembler().emit(VectorInstruction.VDIVPS, r, x, y)),
    /** The smaller one; NaN if one is NaN; -0 is smaller than 0. */
    MIN((e, r, x, y) -> extreme(e, r, x, y, VectorInstruction.VMINPS, VectorInstruction.VORPS)),
    /** The greater one; NaN if one is NaN; 0 is greater than -0. */
    MAX((e, r, x, y) -> extreme(e, r, x, y, VectorInstruction.VMAXPS, VectorInstruction.VANDPS));

    /** Code for one vector. */
    @FunctionalInterface
    interface Body {
        /**
         * Writes the code.
         *
         * @param e the emitter of the loop
         * @param result the result, which may be the register of an operand
         * @param x the first operand
         * @param y the second operand
         */
        void emit(VectorEmitter e, VectorRegister result, VectorRegister x, VectorRegister y);
    }

    private final Body body;

    BinaryCode(Body body) {
        this.body = body;
    }

    Body body() {
        return body;
    }

    /** The instruction gives its last operand if both are zeros, or if one is NaN. */
    private static void extreme(
            VectorEmitter e,
            VectorRegister result,
            VectorRegister x,
            VectorRegister y,
            VectorInstruction instruction,
            VectorInstruction ofZeros) {
        VectorRegister other = e.take();
        e.assembler().emit(instruction, result, x, y);
        e.assembler().emit(instruction, other, y, x);
        e.assembler().emit(ofZeros, result, result, other);
        e.assembler().emit(VectorInstruction.VADDPS, other, x, y);
        e.replaceIf(result, other, x, y, VectorEmitter.UNORDERED);
        e.give(other);
    }
}
