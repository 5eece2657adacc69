package dev.tenon.kernel.x64.elementwise;

import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.kernel.x64.VectorEmitter;

/** The functions of one number that have machine code. Some have parameters, such as a slope. */
public enum UnaryCode {
    /** The exponential function. */
    EXP,
    /** The exponential function of the parameter times x. */
    SCALED_EXP,
    /** The hyperbolic tangent of x plus the parameter. */
    SHIFTED_TANH,
    /** The square of x plus the parameter. */
    SHIFTED_SQUARE,
    /** The cube of x plus the parameter. */
    SHIFTED_CUBE,
    /** The natural logarithm. */
    LOG,
    /** The error function. */
    ERF,
    /** The hyperbolic tangent. */
    TANH,
    /** The logistic function. */
    SIGMOID,
    /** x times the logistic function of the parameter times x. */
    SWISH,
    /** Gelu by erf. */
    GELU,
    /** Gelu by tanh. */
    GELU_TANH,
    /** The square root. */
    SQRT,
    /** The greatest of x and 0; NaN stays NaN. */
    RELU,
    /** x where it is at least 0, else the parameter times x. */
    LEAKY_RELU,
    /** x, but at least the first parameter and at most the second one; NaN stays NaN. */
    CLIP,
    /** x times 1/6 of x plus 3 in the bounds 0 and 6. */
    HARD_SWISH,
    /** The first parameter times x plus the second one, in the bounds 0 and 1. */
    HARD_SIGMOID;

    /**
     * Writes the code for one vector.
     *
     * @param e the emitter of the loop
     * @param x the argument and the result
     * @param first the first parameter in all lanes
     * @param second the second parameter in all lanes
     */
    void emit(VectorEmitter e, VectorRegister x, VectorRegister first, VectorRegister second) {
        switch (this) {
            case EXP -> new MathEmitter(e).exp(x);
            case SCALED_EXP -> {
                e.assembler().emit(VectorInstruction.VMULPS, x, x, first);
                new MathEmitter(e).exp(x);
            }
            case SHIFTED_TANH -> {
                e.assembler().emit(VectorInstruction.VADDPS, x, x, first);
                new MathEmitter(e).tanh(x);
            }
            case SHIFTED_SQUARE -> {
                e.assembler().emit(VectorInstruction.VADDPS, x, x, first);
                e.assembler().emit(VectorInstruction.VMULPS, x, x, x);
            }
            case SHIFTED_CUBE -> shiftedCube(e, x, first);
            case LOG -> new MathEmitter(e).log(x);
            case ERF -> new MathEmitter(e).erf(x);
            case TANH -> new MathEmitter(e).tanh(x);
            case SIGMOID -> new MathEmitter(e).sigmoid(x);
            case SWISH -> new MathEmitter(e).swish(x, first);
            case GELU -> new MathEmitter(e).gelu(x);
            case GELU_TANH -> new MathEmitter(e).geluTanh(x);
            case SQRT -> e.assembler().emit(VectorInstruction.VSQRTPS, x, x);
            case RELU -> relu(e, x);
            case LEAKY_RELU -> leakyRelu(e, x, first);
            case CLIP -> clip(e, x, first, second);
            case HARD_SWISH -> hardSwish(e, x);
            case HARD_SIGMOID -> hardSigmoid(e, x, first, second);
        }
    }

    private static void shiftedCube(VectorEmitter e, VectorRegister x, VectorRegister shift) {
        VectorRegister square = e.take();
        e.assembler().emit(VectorInstruction.VADDPS, x, x, shift);
        e.assembler().emit(VectorInstruction.VMULPS, square, x, x);
        e.assembler().emit(VectorInstruction.VMULPS, x, x, square);
        e.give(square);
    }

    private static void relu(VectorEmitter e, VectorRegister x) {
        VectorRegister zero = e.take();
        e.clear(zero);
        e.assembler().emit(VectorInstruction.VMAXPS, x, zero, x);
        e.give(zero);
    }

    private static void leakyRelu(VectorEmitter e, VectorRegister x, VectorRegister slope) {
        VectorRegister product = e.take();
        e.assembler().emit(VectorInstruction.VMULPS, product, x, slope);
        e.replaceIf(x, product, x, e.constant(0f), VectorEmitter.LESS);
        e.give(product);
    }

    private static void hardSwish(VectorEmitter e, VectorRegister x) {
        VectorRegister t = e.take();
        VectorRegister bound = e.take();
        e.assembler().emit(VectorInstruction.VADDPS, t, x, e.constant(3f));
        e.clear(bound);
        e.assembler().emit(VectorInstruction.VMAXPS, t, bound, t);
        e.load(bound, 6f);
        e.assembler().emit(VectorInstruction.VMINPS, t, bound, t);
        e.assembler().emit(VectorInstruction.VMULPS, t, t, e.constant(1f / 6));
        e.assembler().emit(VectorInstruction.VMULPS, x, x, t);
        e.give(t, bound);
    }

    private static void hardSigmoid(VectorEmitter e, VectorRegister x, VectorRegister slope, VectorRegister shift) {
        VectorRegister zero = e.take();
        VectorRegister one = e.take();
        e.assembler().emit(VectorInstruction.VFMADD213PS, x, slope, shift);
        e.clear(zero);
        e.load(one, 1f);
        clip(e, x, zero, one);
        e.give(zero, one);
    }

    /** The instructions give their last operand if one is NaN. */
    private static void clip(VectorEmitter e, VectorRegister x, VectorRegister least, VectorRegister greatest) {
        e.assembler().emit(VectorInstruction.VMAXPS, x, least, x);
        e.assembler().emit(VectorInstruction.VMINPS, x, greatest, x);
    }
}
