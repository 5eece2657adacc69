package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.math.Elu;
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
import dev.tenon.testkit.Exhaustive;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The elementary functions against double precision, by the bounds that their comments state. Arguments are samples of
 * every binade of both signs, more of them where the result is neither constant nor the argument, and floats around each
 * argument at which a function changes its formula.
 */
@Tag("vector")
class VectorMathTest {
    /** Coprime to the number of significands, so that samples differ from binade to binade. */
    private static final int STRIDE = Exhaustive.isOn() ? 4999 : 99_991;

    private static final int CLOSE_STRIDE = Exhaustive.isOn() ? 257 : 5147;

    /** How many floats on each side of a special argument are all tested. */
    private static final int AROUND = Exhaustive.isOn() ? 2000 : 100;

    /** Below it a function is the first term of its series. Above {@link #CLOSE_TO} it is constant or overflows. */
    private static final float CLOSE_FROM = 0x1p-27f;

    private static final float CLOSE_TO = 0x1p7f;
    private static final float LN_2 = 0x1.62e43p-1f;

    /** Ends of ranges, and arguments between two ranges of the argument reduction. */
    private static final float[] PLACES = {
        0,
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        1,
        -1,
        0.5f * LN_2,
        -0.5f * LN_2,
        -1.5f * LN_2,
        2f / 3,
        4f / 3,
        3.925f,
        -3.925f,
        5.1f,
        -5.1f,
        9.00000119f,
        -9.00000119f,
        -18,
        20,
        40,
        88.72283f,
        89,
        -87.33654f,
        -87.3f,
        -103.27893f,
        -103.97208f,
        -104
    };

    private record Case(
            String name,
            UnaryOperator<FloatVector> function,
            DoubleUnaryOperator exact,
            Numerics bound,
            float least,
            float greatest,
            boolean nan) {
        private Case within(double from, double to) {
            return new Case(name, function, exact, bound, (float) from, (float) to, nan);
        }

        private Case notForNaN() {
            return new Case(name, function, exact, bound, least, greatest, false);
        }
    }

    private static Case of(
            String name, UnaryOperator<FloatVector> function, DoubleUnaryOperator exact, Numerics bound) {
        return new Case(name, function, exact, bound, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, true);
    }

    /** A function that computes an operator. Its bound must be within the operator's contract. */
    private static Case of(UnaryFunction op, UnaryOperator<FloatVector> function, double ulps, double terms) {
        Numerics contract = op.numerics();
        assertThat(ulps).as("ulps of %s", op).isLessThanOrEqualTo(contract.ulps());
        assertThat(terms).as("terms of %s", op).isLessThanOrEqualTo(contract.terms());
        return of(((Op) op).toString(), function, op::at, new Numerics(ulps, terms));
    }

    private static Case gate(UnaryFunction op, UnaryOperator<FloatVector> function) {
        return of(op, function, VectorMath.GATE_ULPS, VectorMath.GATE_ARGUMENT_ULPS);
    }

    @TestFactory
    Stream<DynamicTest> functions() {
        Numerics fast = Numerics.ulps(VectorMath.FAST_EXP_ULPS);
        double all = Double.NEGATIVE_INFINITY;
        return Stream.of(
                        of(new Exp(), VectorMath::exp, VectorMath.EXP_ULPS, 0),
                        of(new Log(), VectorMath::log, VectorMath.LOG_ULPS, 0),
                        of(new Erf(), VectorMath::erf, VectorMath.ERF_ULPS, 0),
                        of(new Tanh(), VectorMath::tanh, VectorMath.TANH_ULPS, 0),
                        of(new Sigmoid(), VectorMath::sigmoid, VectorMath.SIGMOID_ULPS, 0),
                        of(new Softplus(), VectorMath::softplus, VectorMath.SOFTPLUS_ULPS, 0),
                        gate(new Gelu("none"), VectorMath::gelu),
                        gate(new Gelu("tanh"), VectorMath::geluTanh),
                        gate(new Swish(1), v -> VectorMath.swish(v, 1)),
                        gate(new Swish(1.5f), v -> VectorMath.swish(v, 1.5f)),
                        gate(new Mish(), VectorMath::mish),
                        of("expBounded", VectorMath::expBounded, Math::exp, Numerics.ulps(VectorMath.EXP_ULPS))
                                .within(all, 40),
                        of("scaledExp", VectorMathTest::withoutLift, Math::exp, fast)
                                .within(all, 0)
                                .notForNaN(),
                        of("flushedExp", VectorMath::flushedExp, Math::exp, fast)
                                .within(-87.3, 0)
                                .notForNaN(),
                        of("flushedExp to -87.3", VectorMath::flushedExp, x -> 0, Numerics.EXACT)
                                .within(all, -87.31)
                                .notForNaN(),
                        of(
                                        "expm1NotPositive",
                                        VectorMath::expm1NotPositive,
                                        Math::expm1,
                                        Numerics.ulps(VectorMath.EXPM1_ULPS))
                                .within(all, 0),
                        of("log1pUnit", VectorMath::log1pUnit, Math::log1p, Numerics.ulps(VectorMath.LOG1P_ULPS))
                                .within(0, 1))
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)));
    }

    private static FloatVector withoutLift(FloatVector v) {
        return VectorMath.scaledExp(v).mul((float) VectorMath.UNSCALE);
    }

    /** Elu multiplies the result of expm1NotPositive, which adds one rounding. */
    @Test
    void eluHasRoomForTheErrorOfExpm1() {
        assertThat(VectorMath.EXPM1_ULPS + 1)
                .isLessThanOrEqualTo(new Elu(1).numerics().ulps());
    }

    private static void check(Case c) {
        Samples samples = new Samples(c);
        for (float x : new float[] {-0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN}) {
            samples.add(x);
        }
        for (float place : PLACES) {
            float x = place;
            float y = place;
            for (int i = 0; i <= AROUND; i++) {
                samples.add(x);
                samples.add(y);
                x = Math.nextUp(x);
                y = Math.nextDown(y);
            }
        }
        for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
            samples.add(Float.intBitsToFloat((int) bits));
        }
        int end = Float.floatToRawIntBits(CLOSE_TO);
        for (int bits = Float.floatToRawIntBits(CLOSE_FROM); bits < end; bits += CLOSE_STRIDE) {
            samples.add(Float.intBitsToFloat(bits));
            samples.add(-Float.intBitsToFloat(bits));
        }
        samples.finish();
    }

    /** Collects arguments, and checks a vector of them at a time. */
    private static final class Samples {
        private final Case c;
        private final float[] x = new float[F32.length()];
        private int filled;

        private Samples(Case c) {
            this.c = c;
        }

        private void add(float argument) {
            boolean takes = Float.isNaN(argument) ? c.nan() : argument >= c.least() && argument <= c.greatest();
            if (takes) {
                x[filled++] = argument;
                if (filled == x.length) {
                    run();
                }
            }
        }

        private void finish() {
            while (filled > 0) {
                add(x[0]);
            }
        }

        private void run() {
            float[] y = c.function().apply(FloatVector.fromArray(F32, x, 0)).toArray();
            for (int i = 0; i < x.length; i++) {
                check(x[i], y[i]);
            }
            filled = 0;
        }

        private void check(float argument, float found) {
            double exact = c.exact().applyAsDouble(argument);
            float rounded = (float) exact;
            // Some bounds are relative to the argument, if it is larger than the result.
            double magnitude = Math.max(Math.abs(exact), Math.abs(argument));
            double bound = c.bound().tolerance(DType.FLOAT32, exact, magnitude);
            boolean fits = Float.isNaN(rounded) || Float.isInfinite(rounded)
                    ? Float.compare(found, rounded) == 0
                    : Math.abs(found - exact) <= bound;
            if (!fits) {
                assertThat(found)
                        .as(c.name() + "(" + argument + "), exactly " + exact + ", bound " + bound)
                        .isEqualTo(rounded);
            }
        }
    }
}
