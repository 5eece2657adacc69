package dev.tenon.graph.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.math.Mul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rounding passes gradients on, clipping does not, and scales have the gradient of LSQ. */
class QuantizationGradientsTest {
    private static final int ROWS = 3;
    private static final int COLUMNS = 5;
    private static final int SIZE = ROWS * COLUMNS;

    /** How scales are spread over a matrix. */
    enum Scales {
        ONE(0, e -> 0),
        ROW(0, e -> e / COLUMNS, ROWS),
        COLUMN(0, e -> e % COLUMNS, COLUMNS),
        BLOCK(2, e -> e / COLUMNS * 3 + e % COLUMNS / 2, ROWS, 3);

        private final long block;
        private final IntUnaryOperator index;
        private final long[] dims;

        Scales(long block, IntUnaryOperator index, long... dims) {
            this.block = block;
            this.index = index;
            this.dims = dims;
        }

        int axis() {
            return this == ROW ? 0 : 1;
        }
    }

    private static Tensor random(long seed, double least, double most, long... dims) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextDouble(least, most));
        }
        return t;
    }

    private static Graph graph(Scales scales, Tensor zeros, Tensor factors, boolean turned) {
        GraphBuilder b = new GraphBuilder("main");
        Value x = b.input("x", factors.type());
        Value scale =
                b.input("scale", Tensor.allocate(DType.FLOAT32, scales.dims).type());
        Value zero = b.constant("zero", zeros);
        Value q = b.add(new QuantizeLinear(scales.axis(), true, scales.block, null, null), x, scale, zero);
        Transpose turn = new Transpose(List.of(1, 0));
        if (turned) {
            q = b.add(turn, b.add(turn, q));
        }
        Value y = b.add(new DequantizeLinear(scales.axis(), scales.block, null), q, scale, zero);
        b.output("loss", b.add(new ReduceSum(false, false), b.add(new Mul(), y, b.constant(factors))));
        return b.build();
    }

    @ParameterizedTest
    @EnumSource
    void roundingIsTheIdentityAndClippingStops(Scales scales) {
        check(scales, DType.INT4, 0, false);
        check(scales, DType.UINT4, 6, false);
        check(scales, DType.INT8, -125, false);
    }

    /** Whole numbers may move between the two operators. */
    @Test
    void gradientsPassMovedNumbers() {
        check(Scales.ROW, DType.INT8, 3, true);
    }

    private static void check(Scales scales, DType type, int zero, boolean turned) {
        Tensor x = random(1, -9, 9, ROWS, COLUMNS);
        Tensor scale = random(2, 0.3, 1.2, scales.dims);
        Tensor zeros = Tensor.allocate(type, scales.dims);
        for (long i = 0; i < zeros.size(); i++) {
            zeros.setLong(i, zero);
        }
        Tensor factors = random(3, -1, 1, ROWS, COLUMNS);
        Graph gradients = Gradients.of(graph(scales, zeros, factors, turned), "loss", List.of("x", "scale"));
        GraphVerifier.verify(gradients);
        List<Datum> results = Interpreter.run(gradients, List.of(x, scale));
        double[] ofScales = new double[(int) scale.size()];
        int clipped = 0;
        for (int e = 0; e < SIZE; e++) {
            int s = scales.index.applyAsInt(e);
            double exact = x.getDouble(e) / scale.getDouble(s);
            double number = Math.rint(exact) + zero;
            boolean inside = number >= type.minInteger() && number <= type.maxInteger();
            clipped += inside ? 0 : 1;
            double bounded = Math.clamp(number, type.minInteger(), type.maxInteger()) - zero;
            double factor = factors.getDouble(e);
            assertThat(((Tensor) results.get(1)).getDouble(e)).as("x " + e).isEqualTo(inside ? factor : 0);
            ofScales[s] += factor * (inside ? bounded - exact : bounded);
        }
        if (type != DType.INT8 || zero < 0) {
            assertThat(clipped).isBetween(1, SIZE - 1);
        }
        Tensor found = (Tensor) results.get(2);
        assertThat(found.dims()).isEqualTo(scales.dims);
        for (int s = 0; s < ofScales.length; s++) {
            // The sum of some tens, in float32.
            assertThat(found.getDouble(s)).as("scale " + s).isCloseTo(ofScales[s], within(SIZE * 40 * 0x1p-23));
        }
    }

    private static Offset<Double> within(double offset) {
        return Offset.offset(offset);
    }
}
