package dev.tenon.kernel.x64.tabular;

import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.x64.elementwise.AssembledLoops;
import dev.tenon.kernel.x64.elementwise.UnaryCode;
import dev.tenon.op.tabular.model.SupportVectorModel;
import java.lang.foreign.ValueLayout;

/** Loops that apply the kernel function of a support vector machine to products with gamma, or to distances. */
final class SupportVectorFunctions {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final double SQUARE = 2;
    private static final double CUBE = 3;

    private SupportVectorFunctions() {}

    /**
     * The loop of a model.
     *
     * @return the loop, which may replace its operand; null if the function changes nothing
     */
    static UnaryLoop of(SupportVectorModel model, int bits) {
        float offset = (float) model.offset();
        return switch (model.function()) {
            case IDENTITY -> null;
            case EXPONENTIAL -> AssembledLoops.unary(UnaryCode.SCALED_EXP, bits, (float) -model.gamma());
            case TANH -> AssembledLoops.unary(UnaryCode.SHIFTED_TANH, bits, offset);
            case POWER -> {
                if (model.degree() == SQUARE) {
                    yield AssembledLoops.unary(UnaryCode.SHIFTED_SQUARE, bits, offset);
                }
                if (model.degree() == CUBE) {
                    yield AssembledLoops.unary(UnaryCode.SHIFTED_CUBE, bits, offset);
                }
                yield power(model.offset(), model.degree());
            }
        };
    }

    private static UnaryLoop power(double offset, double degree) {
        return (x, xAt, y, yAt, n) -> {
            for (long i = 0; i < n; i++) {
                double base = x.get(F32, xAt + i * Float.BYTES) + offset;
                y.set(F32, yAt + i * Float.BYTES, (float) Math.pow(base, degree));
            }
        };
    }
}
