package dev.tenon.kernel.x64.elementwise;

import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.kernel.x64.VectorEmitter;

/** The functions of one number that have machine code. Some have parameters, such as a slope. */
public enum UnaryCode {
    /** The exponential function. */
    EXP((e, x, p, q) -> new MathEmitter(e).exp(x)),
    /** The exponential function of the parameter times x. */
    SCALED_EXP((e, x, p, q) -> {
        e.assembler().emit(VectorInstruction.VMULPS, x, x, p);
        new MathEmitter(e).exp(x);
    }),
    /** The hyperbolic tangent of x plus the parameter. */
    SHIFTED_TANH((e, x, p, q) -> {
        e.assembler().emit(VectorInstruction.VADDPS, x, x, p);
        new MathEmitter(e).tanh(x);
    }),
    /** The square of x plus the parameter. */
    SHIFTED_SQUARE((e, x, p, q) -> {
        e.assembler().emit(VectorInstruction.VADDPS, x, x, p);
        e.assembler().emit(VectorInstruction.VMULPS, x, x, x);
    }),
    /** The cube of x plus the parameter. */
    SHIFTED_CUBE((e, x, p, q) -> {
        VectorRegister square = e.take();
        e.assembler().emit(VectorInstruction.VADDPS, x, x, p);
        e.assembler().emit(VectorInstruction.VMULPS, square, x, x);
        e.assembler().emit(VectorInstruction.VMULPS, x, x, square);
        e.give(square);
    }),
    /** The natural logarithm. */
    LOG((e, x, p, q) -> new MathEmitter(e).log(x)),
    /** The error function. */
    ERF((e, x, p, q) -> new MathEmitter(e).erf(x)),
    /** The hyperbolic tangent. */
    TANH((e, x, p, q) -> new MathEmitter(e).tanh(x)),
    /** The logistic function. */
    SIGMOID((e, x, p, q) -> new MathEmitter(e).sigmoid(x)),
    /** x times the logistic function of the parameter times x. */
    SWISH((e, x, p, q) -> new MathEmitter(e).swish(x, p)),
    /** Gelu by erf. */
    GELU((e, x, p, q) -> new MathEmitter(e).gelu(x)),
    /** Gelu by tanh. */
    GELU_TANH((e, x, p, q) -> new MathEmitter(e).geluTanh(x)),
    /** The square root. */
    SQRT((e, x, p, q) -> e.assembler().emit(VectorInstruction.VSQRTPS, x, x)),
    /** The greatest of x and 0; NaN stays NaN. */
    RELU((e, x, p, q) -> {
        VectorRegister zero = e.take();
        e.clear(zero);
        e.assembler().emit(VectorInstruction.VMAXPS, x, zero, x);
        e.give(zero);
    }),
    /** x where it is at least 0, else the parameter times x. */
    LEAKY_RELU((e, x, p, q) -> {
        VectorRegister product = e.take();
        e.assembler().emit(VectorInstruction.VMULPS, product, x, p);
        e.replaceIf(x, product, x, e.constant(0f), VectorEmitter.LESS);
        e.give(product);
    }),
    /** x, but at least the first parameter and at most the second one; NaN stays NaN. */
    CLIP((e, x, p, q) -> clip(e, x, p, q)),
    /** x times 1/6 of x plus 3 in the bounds 0 and 6. */
    HARD_SWISH((e, x, p, q) -> {
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
    }),
    /** The first parameter times x plus the second one, in the bounds 0 and 1. */
    HARD_SIGMOID((e, x, p, q) -> {
        VectorRegister zero = e.take();
        VectorRegister one = e.take();
        e.assembler().emit(VectorInstruction.VFMADD213PS, x, p, q);
        e.clear(zero);
        e.load(one, 1f);
        clip(e, x, zero, one);
        e.give(zero, one);
    });

    /** Code for one vector. */
    @FunctionalInterface
    interface Body {
        /**
         * Writes the code.
         *
         * @param e the emitter of the loop
         * @param x the argument and the result
         * @param first the first parameter in all lanes
         * @param second the second parameter in all lanes
         */
        void emit(VectorEmitter e, VectorRegister x, VectorRegister first, VectorRegister second);
    }

    private final Body body;

    UnaryCode(Body body) {
        this.body = body;
    }

    Body body() {
        return body;
    }

    /** The instructions give their last operand if one is NaN. */
    private static void clip(VectorEmitter e, VectorRegister x, VectorRegister least, VectorRegister greatest) {
        e.assembler().emit(VectorInstruction.VMAXPS, x, least, x);
        e.assembler().emit(VectorInstruction.VMINPS, x, greatest, x);
    }
}
