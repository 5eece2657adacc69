package dev.tenon.kernel.x64.elementwise;

import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.kernel.x64.VectorEmitter;

/** The functions of one number that have machine code. Some have a parameter, such as a slope. */
public enum UnaryCode {
    /** The exponential function. */
    EXP((e, x, p) -> new MathEmitter(e).exp(x)),
    /** The error function. */
    ERF((e, x, p) -> new MathEmitter(e).erf(x)),
    /** The hyperbolic tangent. */
    TANH((e, x, p) -> new MathEmitter(e).tanh(x)),
    /** The logistic function. */
    SIGMOID((e, x, p) -> new MathEmitter(e).sigmoid(x)),
    /** x times the logistic function of the parameter times x. */
    SWISH((e, x, p) -> new MathEmitter(e).swish(x, p)),
    /** Gelu by erf. */
    GELU((e, x, p) -> new MathEmitter(e).gelu(x)),
    /** Gelu by tanh. */
    GELU_TANH((e, x, p) -> new MathEmitter(e).geluTanh(x)),
    /** The square root. */
    SQRT((e, x, p) -> e.assembler().emit(VectorInstruction.VSQRTPS, x, x)),
    /** The greatest of x and 0; NaN stays NaN. */
    RELU((e, x, p) -> {
        VectorRegister zero = e.take();
        e.clear(zero);
        e.assembler().emit(VectorInstruction.VMAXPS, x, zero, x);
        e.give(zero);
    }),
    /** x where it is at least 0, else the parameter times x. */
    LEAKY_RELU((e, x, p) -> {
        VectorRegister zero = e.take();
        VectorRegister product = e.take();
        e.clear(zero);
        e.assembler().emit(VectorInstruction.VMULPS, product, x, p);
        e.replaceIf(x, product, x, zero, VectorEmitter.LESS);
        e.give(zero, product);
    });

    /** Code for one vector. */
    @FunctionalInterface
    interface Body {
        /**
         * Writes the code.
         *
         * @param e the emitter of the loop
         * @param x the argument and the result
         * @param parameter the parameter in all lanes
         */
        void emit(VectorEmitter e, VectorRegister x, VectorRegister parameter);
    }

    private final Body body;

    UnaryCode(Body body) {
        this.body = body;
    }

    Body body() {
        return body;
    }
}
