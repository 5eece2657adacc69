package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Mish;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.tensor.DType;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The elementary functions against double precision, on samples of every binade of both signs, and at their ends. */
@Tag("vector")
class VectorMathTest {
    /** Prime to the number of significands, so that samples differ from binade to binade. */
    private static final long STRIDE = 4999;

    private static final long PATTERNS = 1L << 32;

    private record Case(
            String name,
            UnaryOperator<FloatVector> function,
            DoubleUnaryOperator exact,
            Numerics numerics,
            float least,
            float greatest,
            boolean nan) {}

    private static Case of(UnaryFunction op, UnaryOperator<FloatVector> function) {
        return new Case(
                ((Op) op).toString(),
                function,
                op::at,
                op.numerics(),
                Float.NEGATIVE_INFINITY,
                Float.POSITIVE_INFINITY,
                true);
    }

    @TestFactory
    Stream<DynamicTest> functions() {
        Numerics exp = new Exp().numerics();
        return Stream.of(
                        of(new Exp(), VectorMath::exp),
                        of(new Log(), VectorMath::log),
                        of(new Erf(), VectorMath::erf),
                        of(new Tanh(), VectorMath::tanh),
                        of(new Sigmoid(), VectorMath::sigmoid),
                        of(new Softplus(), VectorMath::softplus),
                        of(new Gelu("none"), VectorMath::gelu),
                        of(new Gelu("tanh"), VectorMath::geluTanh),
                        of(new Swish(1.5f), v -> VectorMath.swish(v, 1.5f)),
                        of(new Mish(), VectorMath::mish),
                        new Case(
                                "expUpToMax",
                                VectorMath::expUpToMax,
                                Math::exp,
                                exp,
                                Float.NEGATIVE_INFINITY,
                                40,
                                true),
                        belowMax("liftedExp", VectorMathTest::withoutLift, 2.5, Float.NEGATIVE_INFINITY),
                        belowMax("flushedExp", VectorMath::flushedExp, 2.5, -87.3f),
                        new Case(
                                "flushedExp to -87.3",
                                VectorMath::flushedExp,
                                x -> 0,
                                Numerics.EXACT,
                                Float.NEGATIVE_INFINITY,
                                -87.31f,
                                false),
                        new Case(
                                "expm1NotPositive",
                                VectorMath::expm1NotPositive,
                                Math::expm1,
                                exp,
                                Float.NEGATIVE_INFINITY,
                                0,
                                true),
                        new Case("log1pUnit", VectorMath::log1pUnit, Math::log1p, Numerics.ulps(4), 0, 1, true))
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)));
    }

    private static Case belowMax(String name, UnaryOperator<FloatVector> function, double ulps, float least) {
        return new Case(name, function, Math::exp, Numerics.ulps(ulps), least, 0, false);
    }

    private static FloatVector withoutLift(FloatVector v) {
        return VectorMath.liftedExp(v).mul((float) VectorMath.UNLIFT);
    }

    private static void check(Case c) {
        float[] x = new float[F32.length()];
        int filled = 0;
        for (float end : new float[] {
            0,
            -0f,
            1,
            -1,
            40,
            -18,
            -104,
            88.72283f,
            88.72284f,
            -87.4f,
            3.925f,
            9.01f,
            20,
            Float.MIN_VALUE,
            Float.MIN_NORMAL,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN
        }) {
            x[filled++] = end;
            filled = run(c, x, filled);
        }
        for (long bits = 0; bits < PATTERNS; bits += STRIDE) {
            x[filled++] = Float.intBitsToFloat((int) bits);
            filled = run(c, x, filled);
        }
    }

    private static int run(Case c, float[] x, int filled) {
        if (filled < x.length) {
            return filled;
        }
        float[] y = c.function().apply(FloatVector.fromArray(F32, x, 0)).toArray();
        for (int i = 0; i < x.length; i++) {
            if (x[i] < c.least() || x[i] > c.greatest() || Float.isNaN(x[i]) && !c.nan()) {
                continue;
            }
            double exact = c.exact().applyAsDouble(x[i]);
            float rounded = (float) exact;
            // The bound of a function of one operand is measured by the argument where that is the larger number.
            double bound = c.numerics().tolerance(DType.FLOAT32, exact, Math.max(Math.abs(exact), Math.abs(x[i])));
            boolean fits = Float.isNaN(rounded) || Float.isInfinite(rounded)
                    ? Float.compare(y[i], rounded) == 0
                    : Math.abs(y[i] - exact) <= bound;
            if (!fits) {
                assertThat(y[i])
                        .as(c.name() + "(" + x[i] + "), exactly " + exact + ", bound " + bound)
                        .isEqualTo(rounded);
            }
        }
        return 0;
    }
}
